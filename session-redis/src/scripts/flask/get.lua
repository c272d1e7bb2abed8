-- KEYS: the key, its marker's. Answers the marker, or the record and its milliseconds to live (-1: it has no end), or nothing.
local marker = redis.call('GET', KEYS[2])
if marker then return marker end
local record = redis.call('GET', KEYS[1])
if not record or record == '' then return false end
return {record, redis.call('PTTL', KEYS[1])}
