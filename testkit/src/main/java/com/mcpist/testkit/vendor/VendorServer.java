package com.mcpist.testkit.vendor;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A vendor's interface on a free port of this machine. Requests are handled one at a time.
 *
 * <p>A test ends with {@link #violations}, which is empty when every request was one that the
 * vendor takes.
 */
public abstract class VendorServer implements AutoCloseable {
  private final FaultServer server = FaultServer.start();
  private final VendorSpec spec;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Planned> planned = new ArrayList<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private volatile String authorization = "";

  private record Planned(String call, Fault fault) {}

  VendorServer(VendorSpec spec) {
    this.spec = spec;
    server.handle(this::behaviour);
  }

  /** Where it is, without a slash at the end. */
  public URI url() {
    return URI.create(server.url());
  }

  /** Where the vendor itself is. */
  public URI vendor() {
    return spec.url();
  }

  /** The value of Authorization that it takes; any, when this is not called. */
  public void authorization(String value) {
    authorization = value;
  }

  /**
   * Does something wrong with the next requests, one fault each.
   *
   * @param call a pattern for method and path, as {@code PATCH /v1/services/.*}
   */
  public void fail(String call, Fault... faults) {
    locked(
        () -> {
          for (Fault fault : faults) {
            planned.add(new Planned(call, fault));
          }
        });
  }

  /** Method and path of every request, in order. */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  /** The requests whose method and path fit a pattern. */
  public List<String> calls(String pattern) {
    return calls.stream().filter(call -> call.matches(pattern)).toList();
  }

  /** What was wrong with requests, by {@link VendorSpec}. */
  public List<String> violations() {
    return List.copyOf(violations);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  /** Reads or changes the state between two requests. */
  <T> T locked(Supplier<T> access) {
    lock.lock();
    try {
      return access.get();
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #locked(Supplier)}. */
  void locked(Runnable access) {
    lock.lock();
    try {
      access.run();
    } finally {
      lock.unlock();
    }
  }

  /** What the vendor does with a request. */
  abstract Reply handle(Request request);

  /** How the vendor says that something is wrong. */
  abstract Reply error(int status, String message);

  private Behaviour behaviour(HttpMessage message) {
    Request request = Request.of(message);
    String call = request.method() + " " + request.path();
    calls.add(call);
    lock.lock();
    try {
      List<String> problems = spec.problems(request);
      problems.forEach(problem -> violations.add(call + ": " + problem));
      return played(next(call), () -> reply(request, problems));
    } finally {
      lock.unlock();
    }
  }

  private Reply reply(Request request, List<String> problems) {
    if (!authorization.isEmpty() && !request.header("Authorization").equals(authorization)) {
      return error(401, "the token is not valid");
    }
    if (!problems.isEmpty()) {
      return error(400, String.join("; ", problems));
    }
    Reply reply = handle(request);
    spec.problems(request, reply).stream()
        .map(problem -> "the stand-in's own answer: " + problem)
        .forEach(violations::add);
    return reply;
  }

  private Optional<Fault> next(String call) {
    Optional<Planned> next = planned.stream().filter(p -> call.matches(p.call())).findFirst();
    next.ifPresent(planned::remove);
    return next.map(Planned::fault);
  }

  private interface Effect {
    Reply happen();
  }

  private static Behaviour played(Optional<Fault> fault, Effect effect) {
    if (fault.isEmpty()) {
      return effect.happen().answer();
    }
    return switch (fault.get()) {
      case Fault.Status(int status, Map<String, String> headers, String body) ->
          new Behaviour.Answer(status, headers, body.getBytes(StandardCharsets.UTF_8));
      case Fault.Cut(boolean acted) -> {
        if (acted) {
          var _ = effect.happen();
        }
        yield Behaviour.resetBefore();
      }
      case Fault.CutInAnswer() -> Behaviour.resetInBody(effect.happen().answer());
      case Fault.Silence() -> Behaviour.silent();
      case Fault.Garbage() -> {
        var _ = effect.happen();
        yield Behaviour.answer(200, "<html>");
      }
    };
  }
}
