-- KEYS: the key, its marker's. ARGV: the version seen or ''.
local found = obstacle(KEYS[1], KEYS[2], ARGV[1], '')
if found then return found end
redis.call('DEL', KEYS[1])
return DONE
