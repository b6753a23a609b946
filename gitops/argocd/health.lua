-- Health of StreamPrivateLink, StreamConnection and PrivateEndpointService for Argo CD. The message is that of the
-- condition Ready: Atlas's state and words, or what is waited for. Needs no standard libraries (useOpenLibs).
local status = obj.status or {}
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function is(kind, value)
  return conditions[kind] ~= nil and conditions[kind].status == value
end

local function health(verdict, otherwise)
  local message = otherwise
  if conditions.Ready ~= nil and conditions.Ready.message ~= nil and conditions.Ready.message ~= "" then
    message = conditions.Ready.message
  end
  return { status = verdict, message = message }
end

if obj.metadata.deletionTimestamp ~= nil then
  return health("Progressing", "Being deleted.")
end
-- What the conditions say is about an older generation; -1 until the operator has looked for the first time.
if status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "The operator has not looked at this generation yet." }
end
if conditions.Synced ~= nil and conditions.Synced.reason == "Paused" then
  return health("Suspended", "managementPolicy is Paused.")
end
if is("Stalled", "True") then
  return health("Degraded", "Somebody has to act.")
end
if is("Reconciling", "True") then
  return health("Progressing", "Waiting.")
end
if is("Ready", "True") then
  return health("Healthy", "Ready.")
end
if is("Ready", "False") then
  -- Nothing is under way: the object is missing in Atlas, and driftPolicy is Report.
  return health("Degraded", "Not ready.")
end
return health("Progressing", "Not known yet.")
