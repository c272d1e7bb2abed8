-- KEYS: the key, its marker's. ARGV: the record, its seconds to live.
local record, ttl = unpack(ARGV)
if not is_free(KEYS[1], KEYS[2]) then return CONFLICT end
redis.call('SET', KEYS[1], record, 'EX', ttl)
return DONE
