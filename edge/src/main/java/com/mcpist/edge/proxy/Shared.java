package com.mcpist.edge.proxy;

import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * What the event loops of one proxy share; safe for all threads.
 *
 * @param config how to forward
 * @param names by which it may be asked
 * @param gate who gets in
 * @param origins the pool
 * @param gatewaySecret the value of X-Gateway-Secret to send
 * @param budget the bytes of bodies held
 * @param calls counts how calls end
 * @param connections clients' connections open
 * @param draining whether the proxy is being stopped
 */
record Shared(
    ProxyConfig config,
    HostNames names,
    Gate gate,
    Origins origins,
    Supplier<String> gatewaySecret,
    BodyBudget budget,
    CallCounter calls,
    ClientConnections connections,
    AtomicBoolean draining) {

  static Shared of(
      ProxyConfig config,
      InetAddress address,
      Gate gate,
      Origins origins,
      Supplier<String> gatewaySecret) {
    return new Shared(
        config,
        config.names(address, gate.authentication()),
        gate,
        origins,
        gatewaySecret,
        new BodyBudget(config.replayBufferBytes()),
        new CallCounter(),
        new ClientConnections(config.clients().maxConnections()),
        new AtomicBoolean());
  }
}
