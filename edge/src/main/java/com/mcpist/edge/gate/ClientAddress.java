package com.mcpist.edge.gate;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Which address a request comes from. Pure. */
final class ClientAddress {
  /** One line has a whole /64 of IPv6 to choose from. */
  private static final int NETWORK_BYTES = 8;

  private ClientAddress() {}

  /**
   * The client's address as buckets are named by it.
   *
   * @param peer the other end of the connection
   * @param forwardedFor the values of X-Forwarded-For: each proxy has added whom it was asked by
   * @param trusted proxies that are believed, and so passed over
   */
  static String of(String peer, List<String> forwardedFor, List<AddressBlock> trusted) {
    Optional<InetAddress> address = AddressBlock.literal(peer);
    List<String> hops = new ArrayList<>();
    forwardedFor.forEach(value -> hops.addAll(Arrays.asList(value.split(",", -1))));
    while (!hops.isEmpty() && address.filter(a -> contains(trusted, a)).isPresent()) {
      Optional<InetAddress> before = AddressBlock.literal(hops.removeLast().strip());
      if (before.isEmpty()) {
        break; // What is no address cannot be told apart from other such: it is the proxy's own.
      }
      address = before;
    }
    return address.map(ClientAddress::name).orElse(peer);
  }

  /** Whether a peer is in one of the blocks. */
  static boolean isOf(String peer, List<AddressBlock> blocks) {
    return AddressBlock.literal(peer).filter(address -> contains(blocks, address)).isPresent();
  }

  private static boolean contains(List<AddressBlock> blocks, InetAddress address) {
    return blocks.stream().anyMatch(block -> block.contains(address));
  }

  private static String name(InetAddress address) {
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address
        ? Arrays.toString(Arrays.copyOf(bytes, NETWORK_BYTES))
        : Arrays.toString(bytes);
  }
}
