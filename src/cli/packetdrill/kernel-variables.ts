/**
 * What a fresh network namespace of mainline Linux has, by its sysctl(8) names: a distribution's own choices must not decide whether a
 * script passes.
 */
export const kernelDefaults: readonly (readonly [string, string])[] = [
  ['net.ipv4.tcp_rmem', '4096 131072 6291456'],
  ['net.ipv4.tcp_wmem', '4096 16384 4194304'],
  ['net.ipv4.tcp_no_metrics_save', '1'],
  ['net.ipv6.conf.tun0.accept_dad', '0'],
  ['net.ipv6.conf.tun0.router_solicitations', '0'],
  ['net.ipv6.conf.tun0.addr_gen_mode', '1'],
]
