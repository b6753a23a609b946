# shellcheck shell=bash disable=SC2034,SC2154,SC2086
# One authority, and a certificate and a kubeconfig for each program. Sourced by run.sh.

address=10.77.0.1 # of the node
pki=$NODE_RUN/pki

make_pki() {
  mkdir -p "$pki"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout "$pki/ca.key" -out "$pki/ca.crt" -subj /CN=test-node \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
  certificate apiserver /CN=kube-apiserver serverAuth \
    "IP:$address,IP:10.96.0.1,IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc"
  certificate kubelet-server /CN=node1 serverAuth "IP:$address,DNS:node1"
  certificate kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
  local program
  for program in admin=/O=system:masters/CN=admin kubelet=/O=system:nodes/CN=system:node:node1 \
    controller-manager=/CN=system:kube-controller-manager scheduler=/CN=system:kube-scheduler proxy=/CN=system:kube-proxy; do
    certificate "${program%%=*}" "${program#*=}" clientAuth
    kubeconfig "${program%%=*}"
  done
  openssl genrsa -out "$pki/sa.key" 2048 2>/dev/null
  openssl rsa -in "$pki/sa.key" -pubout -out "$pki/sa.pub" 2>/dev/null
}

certificate() { # NAME SUBJECT USAGE [NAMES]
  local file=$pki/$1
  openssl req -newkey rsa:2048 -nodes -keyout "$file.key" -out "$file.csr" -subj "$2" 2>/dev/null
  {
    echo "extendedKeyUsage=$3"
    [ -z "${4:-}" ] || echo "subjectAltName=$4"
  } >"$file.ext"
  openssl x509 -req -in "$file.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -days 2 -extfile "$file.ext" \
    -out "$file.crt" 2>/dev/null
}

kubeconfig() { # NAME
  cat >"$pki/$1.kubeconfig" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://$address:6443", certificate-authority: $pki/ca.crt}}]
users: [{name: u, user: {client-certificate: $pki/$1.crt, client-key: $pki/$1.key}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
current-context: c
YAML
}
