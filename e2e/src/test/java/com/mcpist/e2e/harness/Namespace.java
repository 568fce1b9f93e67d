package com.mcpist.e2e.harness;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A network namespace of Linux, which is to a program in it what another machine is: joined to this
 * machine by one wire, on which a firewall swallows packets when a test says so.
 */
public final class Namespace implements AutoCloseable {

  private final String name;
  private final String network;

  private Namespace(int number) {
    this.name = "mcpist-" + number;
    // The addresses are private ones, since programs reach each other here without TLS.
    this.network = "10.198.%d.%d".formatted(number / 64, number % 64 * 4);
  }

  private static Namespace any() {
    return new Namespace(ThreadLocalRandom.current().nextInt(128 * 64));
  }

  /** Makes one, and its wire. */
  public static Namespace create() throws IOException {
    Namespace made = any();
    run("ip netns add " + made.name);
    try {
      run("ip link add %1$s type veth peer name eth0 netns %2$s".formatted(made.wire(), made.name));
      run("ip addr add %s/30 dev %s".formatted(made.here(), made.wire()));
      run("ip link set %s up".formatted(made.wire()));
      made.inside("ip addr add %s/30 dev eth0".formatted(made.there()));
      made.inside("ip link set eth0 up");
      made.inside("ip link set lo up");
      return made;
    } catch (IOException | AssertionError e) {
      made.close();
      throw e;
    }
  }

  /** The address of this machine on the wire. */
  public String here() {
    return address(1);
  }

  /** The namespace's own address. */
  public String there() {
    return address(2);
  }

  /** The command that runs in it whatever follows. */
  public List<String> prefix() {
    return List.of("ip", "netns", "exec", name);
  }

  /**
   * Swallows packets, both ways.
   *
   * @param port of TCP at either end; 0 for every packet
   */
  public void swallow(int port) throws IOException {
    String what = port == 0 ? "" : "tcp %s " + port;
    inside("nft add table inet fault");
    for (String way : List.of("input", "output")) {
      inside("nft add chain inet fault %1$s { type filter hook %1$s priority 0 ; }".formatted(way));
      for (String end : List.of("sport", "dport")) {
        inside("nft add rule inet fault %s %s drop".formatted(way, what.formatted(end)));
      }
    }
  }

  /** Lets them pass again. */
  public void mend() throws IOException {
    inside("nft delete table inet fault");
  }

  private String wire() {
    return name;
  }

  private String address(int host) {
    int dot = network.lastIndexOf('.') + 1;
    return network.substring(0, dot) + (Integer.parseInt(network.substring(dot)) + host);
  }

  private void inside(String command) throws IOException {
    run(String.join(" ", prefix()) + " " + command);
  }

  private static void run(String command) throws IOException {
    var _ = Tools.succeed(words(command));
  }

  private static List<String> words(String command) {
    return List.of(command.split(" +", -1));
  }

  /** Its wire goes with it, as soon as the last process in it has ended. */
  @Override
  public void close() throws IOException {
    run("ip netns delete " + name);
  }
}
