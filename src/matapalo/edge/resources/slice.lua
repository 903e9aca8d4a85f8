-- Steers a slice's requests by what holds at this moment, right before they leave. The agent says
-- it in one line a slice, in a file (standing.py):
--
--   OWNER HOLD PASSED SINCE VERSION CHECK     `-` where there is nothing to say
--
-- A write goes to its owner, or waits here as long as it is held. A read goes by its share, unless
-- its user may have written what the new side has not yet. Who has written is marked in a table in
-- a file, so that every worker knows (standings.py): eight bytes a user, written at one stroke.
local UNKNOWN_HOLD = 5
-- Milliseconds between two looks of one request, and looks a second of one worker, at most.
local LOOK, LOOKS = 3, 4000
-- Milliseconds in which whoever has read the line of before may still act by it.
local MARGIN = 200
-- Milliseconds by which another edge's clock may be off.
local SKEW = 1000
local OWNER = "x-matapalo-owner"
local WROTE = "matapalo-wrote"
local SPACE = "matapalo.slice"

local function hash(text, from)
  local value = from
  for n = 1, #text do
    value = bit.tobit(value * 65599 + text:byte(n))
  end
  return value
end

local function standing(slice)
  local file = io.open(FOLDER .. "/slices/" .. slice)
  if file == nil then return nil end
  local told, check = (file:read("*l") or ""):match("^(.*) (%x+) *$")
  file:close()
  if told == nil or bit.tohex(hash(told, 0)) ~= check then return nil end
  local owner, hold, passed, since = told:match("^(%l+) (%S+) (%S+) (%S+)")
  return {
    owner = owner,
    hold = tonumber(hold),
    passed = tonumber(passed),
    since = tonumber(since),
  }
end

local function cookie(headers, pattern)
  local cookies = headers:get("cookie")
  return cookies and (";" .. cookies):match(";%s*" .. pattern .. "=([^;]+)")
end

local function place_of(name)
  local at = hash(name, 5381)
  return bit.band(bit.bxor(at, bit.rshift(at, 15)), PLACES - 1)
end

local function user_of(headers)
  for _, header in ipairs(USER_HEADERS) do
    local name = headers:get(header)
    if name then return place_of(name) end
  end
  local name = cookie(headers, USER_COOKIE)
  return name and place_of(name)
end

-- Tables stay open, one a slice and worker: they are laid once, and anew only under another SINCE.
local tables = {}
local function table_at(slice, since, user)
  local found = tables[slice]
  if found == nil or found.since ~= since then
    local file = io.open(FOLDER .. "/wrote/" .. slice .. "/marks", "r+b")
    if file == nil then return nil end
    if found then found.file:close() end
    file:setvbuf("no")
    found = { since = since, file = file }
    tables[slice] = found
  end
  found.file:seek("set", user * 8)
  return found.file
end

local function moment_of(bytes)
  local moment = 0
  for n = 1, #bytes do moment = moment * 256 + bytes:byte(n) end
  return moment
end

local function bytes_of(moment)
  local bytes = ""
  for _ = 1, 8 do
    bytes = string.char(moment % 256) .. bytes
    moment = math.floor(moment / 256)
  end
  return bytes
end

-- Waiting is a call that the clock answers late: no worker is blocked, and no agent is needed.
local slot = 0
local function pause(handle)
  local now = handle:timestamp()
  slot = math.max(slot, now) + 1000 / LOOKS
  local headers = handle:httpCall("clock", {
    [":method"] = "GET",
    [":path"] = "/",
    [":authority"] = "clock",
    ["x-envoy-fault-delay-request"] = string.format("%d", math.max(LOOK, slot - now)),
  }, nil, { timeout_ms = 60000, send_xff = false })
  return headers[":status"] == "200"
end

local function unavailable(handle)
  handle:respond({ [":status"] = "503" }, "writes are held for longer than they may wait")
end

local function owner_of_writes(handle, slice)
  local began = handle:timestamp()
  local now = standing(slice)
  while now == nil or now.hold do
    local longest = now and now.hold or UNKNOWN_HOLD
    if handle:timestamp() - began >= longest * 1000 or not pause(handle) then return nil end
    now = standing(slice)
  end
  return now.owner
end

local function steer(handle, owner)
  handle:headers():replace(OWNER, owner)
  handle:clearRouteCache()
end

local function write(handle, slice)
  local owner = owner_of_writes(handle, slice)
  if owner == nil then return unavailable(handle) end
  local headers = handle:headers()
  local metadata = handle:streamInfo():dynamicMetadata()
  metadata:set(SPACE, "slice", slice)
  metadata:set(SPACE, "user", user_of(headers) or -1)
  metadata:set(SPACE, "https", headers:get("x-forwarded-proto") == "https")
  steer(handle, owner)
end

local function marked(slice, user, now)
  local marks = table_at(slice, now.since, user)
  local bytes = marks and marks:read(8)
  return bytes == nil or moment_of(bytes) >= now.passed
end

local function marked_by_cookie(headers, passed)
  local at, edge = (cookie(headers, WROTE_PATTERN) or ""):match("^(%d+)%.(%x+)$")
  if at == nil then return false end
  return tonumber(at) + (edge == EDGE and 0 or SKEW) >= passed
end

local function may_have_written(handle, slice, now)
  -- Who wrote before users were marked is not known: everybody may have.
  if now.since == nil or now.passed == nil or now.passed < now.since + MARGIN then return true end
  local headers = handle:headers()
  local user = user_of(headers)
  return user and marked(slice, user, now) or marked_by_cookie(headers, now.passed)
end

local function read(handle, slice)
  local now = standing(slice)
  if now and now.owner == "new" then
    steer(handle, "new")
  elseif now == nil or may_have_written(handle, slice, now) then
    steer(handle, "monolith")
  end
end

function envoy_on_request(handle)
  local context = handle:filterContext()
  local slice = context:get("slice")
  if context:get("safe") then read(handle, slice) else write(handle, slice) end
end

local function mark(handle, slice, user, at, since)
  local marks = table_at(slice, since, user)
  if marks == nil or not marks:write(bytes_of(at)) then
    handle:logErr("who writes to " .. slice .. " cannot be marked")
  end
end

function envoy_on_response(handle)
  local about = handle:streamInfo():dynamicMetadata():get(SPACE)
  if about == nil then return end
  local now = standing(about["slice"])
  if now == nil or now.since == nil then return end
  -- Not before what has passed, even if the clock was set back.
  local at = math.max(handle:timestamp(), now.passed or 0)
  if about["user"] >= 0 then mark(handle, about["slice"], about["user"], at, now.since) end
  local value = string.format("%s=%.0f.%s; Path=/; Max-Age=86400; HttpOnly", WROTE, at, EDGE)
  local secure = about["https"] and "; Secure" or ""
  handle:headers():add("set-cookie", value .. "; SameSite=Lax" .. secure)
end
