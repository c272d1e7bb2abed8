-- KEYS: the old key, its marker's, the new key, its marker's.
-- ARGV: the version seen, the record, its seconds to live, the marker, its milliseconds.
local seen, record, record_ttl, marker, marker_ttl = unpack(ARGV)
local found = obstacle(KEYS[1], KEYS[2], seen, marker:sub(2, 17))
if found then return found end
if not is_free(KEYS[3], KEYS[4]) then return CONFLICT end
redis.call('SET', KEYS[3], record, 'EX', record_ttl)
redis.call('SET', KEYS[2], marker, 'PX', marker_ttl)
redis.call('DEL', KEYS[1])
return DONE
