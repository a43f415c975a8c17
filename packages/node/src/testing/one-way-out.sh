# Sets up a network namespace whose every packet that does not stay on loopback leaves through "out", and is counted there.
# Nobody is at the other end. To be run within `unshare -rn`.
set -e
ip link set lo up
ip link add out type veth peer name sink
for end in out sink; do ip link set "$end" addrgenmode none multicast off; done
ip link set out arp off
ip addr add 10.77.9.2/24 dev out
ip -6 addr add fd77::2/64 dev out nodad
ip link set sink up
ip link set out up
ip route add default via 10.77.9.1 dev out onlink metric 100
ip -6 route add default dev out
ip route add 224.0.0.0/4 dev out
