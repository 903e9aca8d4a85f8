-- Remembers, for as long as the authorizer said, whose a credential is, so that most requests
-- need not ask. One a worker; at most 2 * MOST credentials: when the young half is full, the old
-- half is let go and what is still used moves over.
local MOST = 5000
local NAMESPACE = "matapalo.memory"
local ANSWER = "envoy.filters.http.ext_authz"
local young, old, count = {}, {}, 0

local function credential(headers)
  if COOKIE == "" then return headers:get("authorization") end
  local cookies = headers:get("cookie")
  return cookies and (";" .. cookies):match(";%s*" .. COOKIE .. "=([^;]+)")
end

local function keep(key, entry)
  if count >= MOST then young, old, count = {}, young, 0 end
  if young[key] == nil then count = count + 1 end
  young[key] = entry
end

local function recall(key, now)
  local entry = young[key] or old[key]
  if entry == nil or entry.ends <= now then return nil end
  if young[key] == nil then keep(key, entry) end
  return entry
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local key = credential(headers)
  if key == nil then return end
  local now = handle:timestamp()
  local entry = recall(key, now)
  local metadata = handle:streamInfo():dynamicMetadata()
  if entry == nil then
    metadata:set(NAMESPACE, "credential", key)
    metadata:set(NAMESPACE, "at", now)
    return
  end
  metadata:set(NAMESPACE, "known", true)
  headers:replace("x-matapalo-user", entry.user)
  if entry.scopes then headers:replace("x-matapalo-scopes", entry.scopes) end
  handle:clearRouteCache()
end

function envoy_on_response(handle)
  local metadata = handle:streamInfo():dynamicMetadata()
  local asked = metadata:get(NAMESPACE)
  if asked == nil or asked["credential"] == nil then return end
  local answer = metadata:get(ANSWER)
  local ttl = answer and tonumber(answer["x-matapalo-ttl"])
  local user = answer and answer["x-matapalo-user"]
  if ttl == nil or ttl <= 0 or user == nil then return end
  local entry = { user = user, scopes = answer["x-matapalo-scopes"] }
  -- Counted from before the authorizer was asked: never longer than it said.
  entry.ends = asked["at"] + ttl * 1000
  keep(asked["credential"], entry)
end
