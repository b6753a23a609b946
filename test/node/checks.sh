# shellcheck shell=bash disable=SC2034,SC2154,SC2086
# What must hold on a node, in this order. Sourced by run.sh.

CHECKS='installation confinement metrics resources_become_ready leader_deleted leader_killed drain_of_two drain_of_one
changes_in_flight_1 changes_in_flight_2 memory_of_a_thousand uninstall'

ns=atlas-streams-operator-system
lease=lease/atlas-streams-operator
pods=control-plane=controller-manager

operator_pod() { k --namespace $ns get pods --selector $pods --output "jsonpath={.items[0].$1}"; }

restarts() { operator_pod 'status.containerStatuses[0].restartCount'; }

leader() { k --namespace $ns get $lease --output 'jsonpath={.spec.holderIdentity}'; } # POD_PROCESS

led_by_another() { # than LEADER
  local now
  now=$(leader)
  [ -n "$now" ] && [ "$now" != "$1" ]
}

upgrade() { # VALUES...: and waits until the new pods are Ready
  on helm upgrade atlas-streams-operator charts/atlas-streams-operator --namespace $ns --reset-then-reuse-values --wait \
    --timeout 2m "$@" >/dev/null
}

simulator() { # PATH CURL-FLAGS...: the control interface, which takes a name of its own
  local path=$1
  shift
  on curl --silent --fail --max-time 10 --header 'Host: simulator' "$@" "$simulator_url/_simulator/$path"
}

count_of() { # OPERATION: how often it was called
  local count
  count=$(simulator counts | sed -n 's/.*"'"$1"'": *\([0-9]*\).*/\1/p')
  echo "${count:-0}"
}

new_namespace() { # NAME: with the credentials of the simulator
  k create namespace "$1"
  k --namespace "$1" create secret generic atlas --from-literal=clientId=mdb_sa_id_65f1c0de0000000000000002 \
    --from-literal=clientSecret=mdb_sa_sk_simulated-secret
} >/dev/null

manifests() { # LINKS CONNECTIONS FIRST: their numbers begin with FIRST
  local i common='projectId: 65f1c0de0000000000000001, credentialsRef: {name: atlas}'
  for ((i = $3; i < $3 + $1; i++)); do
    printf -- '---\napiVersion: atlasstreams.io/v1alpha1\nkind: StreamPrivateLink\nmetadata: {name: link-%d}\n' "$i"
    printf 'spec: {%s, provider: AWS, vendor: CONFLUENT, region: us-east-1, dnsSubDomain: [],\n' "$common"
    printf '  serviceEndpointId: com.amazonaws.vpce.us-east-1.vpce-svc-%017x, dnsDomain: c%d.aws.confluent.cloud}\n' "$i" "$i"
  done
  for ((i = $3; i < $3 + $2; i++)); do
    printf -- '---\napiVersion: atlasstreams.io/v1alpha1\nkind: StreamConnection\nmetadata: {name: https-%d}\n' "$i"
    printf 'spec: {%s, workspaceName: streams, type: Https, https: {url: "https://api.example.com/%d"}}\n' "$common" "$i"
  done
}

installation() { # with --wait
  on helm install atlas-simulator charts/atlas-simulator --namespace atlas-simulator --create-namespace --wait --timeout 2m \
    --set image.registry=$registry --set control.enabled=true --set 'control.hosts={simulator}' >/dev/null
  # By address: the cluster has no DNS.
  simulator_url=http://$(k --namespace atlas-simulator get service atlas-simulator --output 'jsonpath={.spec.clusterIP}'):8080
  on helm install atlas-streams-crds charts/atlas-streams-crds --namespace $ns --create-namespace --wait >/dev/null
  k label namespace $ns pod-security.kubernetes.io/enforce=restricted
  on helm install atlas-streams-operator charts/atlas-streams-operator --namespace $ns --wait --timeout 2m \
    --set image.registry=$registry --set "atlas.baseURL=$simulator_url" >/dev/null
  equal 'restarts' 0 "$(restarts)"
}

confinement() { # what the chart asks for is what the process has
  local status
  status=$(on cat "/proc/$(on pgrep -x manager)/status")
  local want
  for want in 'Uid:.65532.65532' 'NoNewPrivs:.1' 'Seccomp:.2' 'CapBnd:.0000000000000000' 'CapEff:.0000000000000000'; do
    grep -q "^$want" <<<"$status" || fail "the manager's process has not $want: $(grep "^${want%%:*}" <<<"$status")"
  done
}

metrics() { # for those who have the right
  local url token
  url=https://$(operator_pod status.podIP):8443/metrics
  answer() { on curl --silent --insecure --output /dev/null --write-out '%{http_code}' --max-time 20 "$@" "$url"; }
  equal 'metrics without a token' 401 "$(answer)"
  k create serviceaccount denied
  k create serviceaccount scraper
  k create clusterrolebinding scraper --clusterrole=atlas-streams-operator-metrics-reader --serviceaccount=default:scraper
  token=$(k create token denied)
  equal 'metrics without the right' 403 "$(answer --header "Authorization: Bearer $token")"
  token=$(k create token scraper)
  equal 'metrics with the right' 200 "$(answer --header "Authorization: Bearer $token")"
  k delete clusterrolebinding scraper
}

resources_become_ready() { # those of the README
  new_namespace shop
  k --namespace shop create secret generic orders-kafka --from-literal=password=simulated
  sed -n '/^<!-- test: resources -->$/,/^```$/p' README.md | sed -n '/^```yaml$/,/^```$/p' | grep -v '^```' |
    k --namespace shop apply --filename -
  k --namespace shop wait --for=condition=Ready spl/confluent sconn/orders --timeout=2m
  k --namespace shop delete spl,sconn --all --timeout=3m
}

leader_deleted() {
  local before
  upgrade --set replicas=2 --set podDisruptionBudget.enabled=true
  before=$(leader)
  k --namespace $ns delete pod "${before%%_*}"
  await 10 'the other pod leads, since the Lease was given back' led_by_another "$before"
}

leader_killed() {
  local before process
  k --namespace $ns rollout status deployment --timeout=1m
  before=$(leader)
  for process in $(on pgrep -x manager); do
    on grep -qz "^HOSTNAME=${before%%_*}\$" "/proc/$process/environ" && on kill -9 "$process"
  done
  # The other pod, or the container that the kubelet has started again in the same one.
  await 45 'another process leads after the Lease has run out' led_by_another "$before"
}

drain() { # of the operator alone: the simulator forgets everything with its pod
  k drain node1 --pod-selector=$pods --timeout="$1"
}

drain_of_two() { # the budget lets one go, and the other when that has a successor, for which one node has no room
  k --namespace $ns rollout status deployment --timeout=1m
  drain 30s || true
  k uncordon node1
  k --namespace $ns rollout status deployment --timeout=1m
  await 45 'somebody leads' led_by_another ''
}

drain_of_one() { # a budget of a single replica does not block for ever
  upgrade --set replicas=1
  drain 60s
  k uncordon node1
  k --namespace $ns rollout status deployment --timeout=1m
}

changes_in_flight_1() { changes_in_flight 1; }
changes_in_flight_2() { changes_in_flight 2; }

changes_in_flight() { # REPLICAS: an upgrade, a rollback and a kill while creations are under way create nothing twice
  local space=flight$1
  upgrade --set replicas="$1"
  simulator requests --request DELETE
  simulator faults --json '{"operation": "createPrivateLinkConnection", "delay": "3s"}'
  simulator faults --json '{"operation": "createStreamConnection", "delay": "700ms"}'
  new_namespace "$space"
  manifests 12 40 "${1}000" | k --namespace "$space" apply --filename - >/dev/null
  await 30 'creations are under way' called_more_than createStreamConnection 2
  upgrade --set log.level=debug
  on helm rollback atlas-streams-operator --namespace $ns --wait --timeout 2m
  on pkill -9 -x manager
  k --namespace "$space" wait --for=condition=Ready spl,sconn --all --timeout=5m >/dev/null
  equal 'creations of links' 12 "$(count_of createPrivateLinkConnection)"
  equal 'creations of connections' 40 "$(count_of createStreamConnection)"
  simulator faults --request DELETE
  k delete namespace "$space" --timeout=5m
} >/dev/null

called_more_than() { [ "$(count_of "$1")" -gt "$2" ]; }

memory_of_a_thousand() { # resources is within the chart's limit: what is more ends the container
  local before
  upgrade --set replicas=1
  before=$(restarts) # others were killed
  new_namespace many
  manifests 200 800 5000 | k --namespace many create --filename - >/dev/null
  k --namespace many wait --for=condition=Ready spl,sconn --all --timeout=10m >/dev/null
  equal 'restarts' "$before" "$(restarts)"
  k get --raw /api/v1/nodes/node1/proxy/metrics/resource |
    awk '/^container_memory_working_set_bytes.*container="manager"/ {printf "    working set %d MiB\n", $2 / 1048576}'
  k delete namespace many --timeout=10m
}

uninstall() { # in the order of docs/uninstall.md; nothing is left
  equal 'resources' '' "$(k get atlas-streams --all-namespaces --output name)"
  on helm uninstall atlas-streams-operator --namespace $ns --wait >/dev/null
  await 60 'the pods are gone' no_output k --namespace $ns get pods --output name
  on helm uninstall atlas-streams-crds --namespace $ns >/dev/null
  k delete crd streamprivatelinks.atlasstreams.io streamconnections.atlasstreams.io privateendpointservices.atlasstreams.io
  k delete namespace $ns --timeout=1m
  equal 'rights that are left' '' "$(k get clusterroles,clusterrolebindings --output name | grep atlas-streams || true)"
  equal 'definitions that are left' '' "$(k get crds --output name)"
}

no_output() { [ -z "$("$@")" ]; }
