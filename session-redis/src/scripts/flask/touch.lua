-- KEYS: the key, its marker's. ARGV: the version seen, the seconds to live.
local seen, ttl = unpack(ARGV)
local found = obstacle(KEYS[1], KEYS[2], seen, '')
if found then return found end
local left = redis.call('PTTL', KEYS[1])
if left >= 0 and left < ttl * 1000 then redis.call('EXPIRE', KEYS[1], ttl) end
return DONE
