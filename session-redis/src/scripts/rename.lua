-- KEYS: the old key, the new key. ARGV: now, the version seen, the record, its milliseconds to live, the marker, its.
local now, seen, record, record_ttl, marker, marker_ttl = unpack(ARGV)
local found = obstacle(KEYS[1], seen, marker:sub(2, 17), now)
if found then return found end
if obstacle(KEYS[2], '', '', now) ~= GONE then return CONFLICT end
redis.call('SET', KEYS[2], record, 'PX', record_ttl)
redis.call('SET', KEYS[1], marker, 'PX', marker_ttl)
return DONE
