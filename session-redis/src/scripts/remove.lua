-- KEYS: the key. ARGV: now, the version seen or ''.
local now, seen = unpack(ARGV)
local found = obstacle(KEYS[1], seen, '', now)
if found then return found end
redis.call('DEL', KEYS[1])
return DONE
