package com.mcpist.edge.status;

import com.mcpist.edge.gate.AdminToken;
import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.gate.Rejection;
import com.mcpist.edge.gate.Rejection.Refusal;
import com.mcpist.edge.gate.Route;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.status.Renderer.Part;
import com.mcpist.edge.status.Renderer.Wanted;
import com.mcpist.edge.status.Viewers.View;
import com.mcpist.edge.wire.Addresses;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Answers the paths of the status page, which processes.md lists. Safe for all event loops. */
public final class StatusPage {
  private static final int MAX_CALL = 256;
  private static final List<String> FORWARDED =
      List.of("Forwarded", "X-Forwarded-For", "CF-Connecting-IP");
  private static final Pass OPEN = new Pass(false, Instant.MAX);

  private final Vertx vertx;
  private final Access access;
  private final @Nullable Session session;
  private final Renderer renderer;
  private final Viewers viewers;

  /**
   * The rules for who may see the page.
   *
   * @param token the token whose holders may see it; null if there is none
   * @param local true if everybody may see it, since only the edge's own machine reaches it
   * @param open true if everybody may see the public part
   */
  public record Access(@Nullable AdminToken token, boolean local, boolean open) {}

  /** The permission that lets a request in. {@code until} is the time at which it ends. */
  private record Pass(boolean signedIn, Instant until) {}

  /**
   * @param gatewaySecret the value of X-Gateway-Secret
   * @param clock the clock by which sessions end
   * @param edge what only this edge knows, for the origin that renders the page
   */
  public StatusPage(
      Vertx vertx,
      Access access,
      Origins origins,
      Supplier<String> gatewaySecret,
      Addresses addresses,
      InstantSource clock,
      Supplier<ObjectNode> edge) {
    this.vertx = vertx;
    this.access = access;
    this.session = access.token() == null ? null : new Session(access.token(), clock);
    this.renderer = new Renderer(vertx, origins, gatewaySecret, addresses, edge);
    this.viewers = new Viewers(vertx, renderer, clock);
  }

  /** Notes that what the page shows has changed. May be called from any thread. */
  public void changed() {
    viewers.changed();
  }

  /** Ends the streams of changes. */
  public void close() {
    viewers.close();
  }

  int viewers() {
    return viewers.number();
  }

  /** Answers a request with one of the page's paths, now or later, or returns why it does not. */
  public Optional<Refusal> answer(Visitor visitor, Buffer body) {
    HttpServerRequest request = visitor.request();
    return switch (Route.path(request.uri())) {
      case Route.ROOT_PATH -> root(visitor);
      case Route.STATUS_PATH + "/public" -> publicly(visitor);
      case Route.SIGN_IN_PATH -> signIn(visitor, body);
      case Route.SIGN_OUT_PATH -> signOut(visitor);
      case Route.STATUS_PATH + "/events" -> admitted(visitor, pass -> events(visitor, pass));
      default -> admitted(visitor, pass -> page(visitor, pass));
    };
  }

  private Optional<Refusal> root(Visitor visitor) {
    String accept = visitor.request().getHeader(HttpHeaders.ACCEPT);
    if (!access.local() || accept == null || !accept.contains("text/html")) {
      return refused(Rejection.NOT_FOUND);
    }
    visitor.send(Page.seeOther(Map.of("Location", Route.STATUS_PATH)));
    return Optional.empty();
  }

  private Optional<Refusal> publicly(Visitor visitor) {
    if (!access.open()) {
      return refused(Rejection.NOT_FOUND);
    }
    return later(visitor, renderer.publicPage(language(visitor.request())));
  }

  private Optional<Refusal> signIn(Visitor visitor, Buffer body) {
    if (session == null) {
      return refused(Rejection.NOT_FOUND);
    }
    String given = parameter(new QueryStringDecoder(body.toString(), false), "token");
    if (session.token().is(given)) {
      visitor.send(toPage(session.begin(isSecure(visitor.request()))));
    } else {
      visitor.send(form(visitor.request(), true));
    }
    return Optional.empty();
  }

  private Optional<Refusal> signOut(Visitor visitor) {
    if (session == null) {
      return refused(Rejection.NOT_FOUND);
    }
    visitor.send(toPage(Session.end(isSecure(visitor.request()))));
    return Optional.empty();
  }

  private static Page toPage(String cookie) {
    return Page.seeOther(Map.of("Location", Route.STATUS_PATH, "Set-Cookie", cookie));
  }

  /**
   * Returns true if the cookie must be secure. A browser takes no secure cookie by http, which is
   * how clients on the edge's own machine ask.
   */
  private static boolean isSecure(HttpServerRequest request) {
    String host = String.valueOf(request.getHeader(HttpHeaders.HOST));
    return !HostNames.isLoopback(host.replaceFirst(":[0-9]*$", ""));
  }

  private interface Admitted {
    Optional<Refusal> go(Pass pass);
  }

  private Optional<Refusal> admitted(Visitor visitor, Admitted then) {
    Optional<Pass> pass = pass(visitor.request());
    if (pass.isPresent()) {
      return then.go(pass.get());
    }
    if (session == null) {
      return refused(Rejection.NOT_FOUND);
    }
    visitor.send(form(visitor.request(), false));
    return Optional.empty();
  }

  /**
   * Returns the permission of a request; empty if it has none. A request that a proxy on this
   * machine passes on may come from anywhere, so it is not taken as local.
   */
  private Optional<Pass> pass(HttpServerRequest request) {
    if (access.local() && FORWARDED.stream().noneMatch(request.headers()::contains)) {
      return Optional.of(OPEN);
    }
    if (session == null) {
      return Optional.empty();
    }
    if (session.token().isIn(request.headers().getAll(HttpHeaders.AUTHORIZATION))) {
      return Optional.of(OPEN);
    }
    Cookie cookie = request.getCookie(Session.COOKIE);
    return session
        .until(cookie == null ? null : cookie.getValue())
        .map(until -> new Pass(true, until));
  }

  private static Page form(HttpServerRequest request, boolean wrong) {
    return new Page(
        401,
        Map.of("Content-Type", Page.HTML, "Content-Security-Policy", Documents.POLICY),
        Documents.signIn(language(request), wrong));
  }

  private Optional<Refusal> page(Visitor visitor, Pass pass) {
    HttpServerRequest request = visitor.request();
    String call = parameter(new QueryStringDecoder(request.uri()), "call").strip();
    String sought = call.substring(0, Math.min(call.length(), MAX_CALL));
    return later(
        visitor,
        renderer.render(
            new Wanted(
                Part.PAGE, language(request), sought.isEmpty() ? null : sought, pass.signedIn())));
  }

  private Optional<Refusal> events(Visitor visitor, Pass pass) {
    String tag = parameter(new QueryStringDecoder(visitor.request().uri()), "lang");
    Language language = tag.equals(Language.JA.tag()) ? Language.JA : Language.EN;
    return viewers.add(visitor, new View(language, pass.signedIn()), pass.until())
        ? Optional.empty()
        : refused(Rejection.OVERLOADED);
  }

  private Optional<Refusal> later(Visitor visitor, Future<Page> page) {
    Context loop = vertx.getOrCreateContext();
    page.onSuccess(rendered -> loop.runOnContext(_ -> visitor.send(rendered)));
    return Optional.empty();
  }

  private static Optional<Refusal> refused(Rejection why) {
    return Optional.of(Refusal.of(why));
  }

  private static Language language(HttpServerRequest request) {
    return Language.accepted(request.getHeader(HttpHeaders.ACCEPT_LANGUAGE));
  }

  /** Returns a parameter's value; empty if it is not there, or if the query cannot be read. */
  private static String parameter(QueryStringDecoder query, String name) {
    try {
      return query.parameters().getOrDefault(name, List.of("")).getFirst();
    } catch (IllegalArgumentException _) {
      return "";
    }
  }
}
