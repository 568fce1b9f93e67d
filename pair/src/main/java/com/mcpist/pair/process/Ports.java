package com.mcpist.pair.process;

import module java.base;

import com.mcpist.pair.data.PairException;

/**
 * Free ports for the pair's own programs. They come from below the range that the system takes
 * outgoing connections' ports from (32768 and up on Linux, 49152 and up elsewhere), so that no
 * connection can sit on the port of an origin that is being started again.
 */
public record Ports(RandomGenerator random, Set<Integer> given) {
  private static final int LOWEST = 20_000;
  private static final int HIGHEST = 32_000;

  public Ports(RandomGenerator random) {
    this(random, new HashSet<>());
  }

  /** A port that is free on loopback now, and that this object has not given before. */
  public int next() throws PairException {
    // A random start: two pairs that start at once do not choose the same.
    int start = random.nextInt(LOWEST, HIGHEST);
    for (int i = 0; i < HIGHEST - LOWEST; i++) {
      int port = LOWEST + (start - LOWEST + i) % (HIGHEST - LOWEST);
      if (!given.contains(port) && isFree(port)) {
        given.add(port);
        return port;
      }
    }
    throw new PairException("no free port between " + LOWEST + " and " + HIGHEST);
  }

  /** The same one, where it is free now; else the next. */
  public int again(int before) throws PairException {
    return before != 0 && isFree(before) ? before : next();
  }

  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      // As a server does: connections of the last one that still linger are no hindrance.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
