-- KEYS: the key, its marker's. ARGV: the version seen, the new one, the record, its seconds to live.
local seen, new, record, ttl = unpack(ARGV)
local found = obstacle(KEYS[1], KEYS[2], seen, new)
if found then return found end
redis.call('SET', KEYS[1], record, 'EX', ttl)
return DONE
