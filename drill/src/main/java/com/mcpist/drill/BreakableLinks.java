package com.mcpist.drill;

import com.mcpist.drill.link.FaultProxy;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.supervisor.PairOptions.Links;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The links of a throw-away pair: a proxy on each, edge to origin and origin to database. */
final class BreakableLinks implements Links, AutoCloseable {
  private final Map<String, FaultProxy> toOrigins = new ConcurrentHashMap<>();
  private final Map<String, FaultProxy> toDatabase = new ConcurrentHashMap<>();

  @Override
  public int toOrigin(String origin, int port) throws PairException {
    return open(toOrigins, origin, port);
  }

  @Override
  public int toDatabase(String origin, int port) throws PairException {
    return open(toDatabase, origin, port);
  }

  private static int open(Map<String, FaultProxy> links, String origin, int port)
      throws PairException {
    try {
      FaultProxy proxy =
          FaultProxy.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      links.put(origin, proxy);
      return proxy.port();
    } catch (IOException e) {
      throw new PairException("no link can be opened: " + e.getMessage(), e);
    }
  }

  /** The link from the edge. */
  FaultProxy toOrigin(String origin) {
    return of(toOrigins, origin);
  }

  /** The link of an origin to the database. */
  FaultProxy toDatabase(String origin) {
    return of(toDatabase, origin);
  }

  private static FaultProxy of(Map<String, FaultProxy> links, String origin) {
    FaultProxy proxy = links.get(origin);
    if (proxy == null) {
      throw new IllegalArgumentException("no origin is named " + origin);
    }
    return proxy;
  }

  void mend() {
    toOrigins.values().forEach(FaultProxy::mend);
    toDatabase.values().forEach(FaultProxy::mend);
  }

  @Override
  public void close() {
    toOrigins.values().forEach(FaultProxy::close);
    toDatabase.values().forEach(FaultProxy::close);
  }
}
