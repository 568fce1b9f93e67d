package com.mcpist.edge.status;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.pool.Origins.InFlight;
import com.mcpist.edge.status.Language.Text;
import com.mcpist.edge.wire.Addresses;
import com.mcpist.edge.wire.OwnRequest;
import com.mcpist.edge.wire.OwnRequest.Answer;
import com.mcpist.edge.wire.OwnRequest.UnexpectedException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Has an origin render the page, and renders it itself if no origin does. Called on event loops.
 * The futures returned here never fail, and may complete on another event loop.
 */
final class Renderer {
  private static final int MAX_PAGE_BYTES = 512 * 1024;
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final String POLICY = "Content-Security-Policy";

  /**
   * The time for which a public page is kept. Anybody may ask for this page, and it is the same for
   * all.
   */
  private static final Duration PUBLIC_LASTS = Duration.ofSeconds(5);

  private final Origins origins;
  private final Supplier<String> gatewaySecret;
  private final Addresses addresses;
  private final Supplier<ObjectNode> edge;
  private final HttpClient client;
  private final OwnRequest request = new OwnRequest(MAX_PAGE_BYTES, TIMEOUT);
  private final Cache<Language, Future<Page>> publicPages =
      Caffeine.newBuilder().expireAfterWrite(PUBLIC_LASTS).build();

  enum Part {
    PAGE,
    /** The inner HTML of the page's main element. */
    MAIN,
    /** A whole document that anybody may see. */
    PUBLIC
  }

  /**
   * A request for a page. {@code call} is the id or key of a call that somebody looks for; null if
   * none.
   */
  record Wanted(Part part, Language language, @Nullable String call, boolean signedIn) {}

  /** Creates a renderer. {@code edge} gives what only this edge knows. */
  Renderer(
      Vertx vertx,
      Origins origins,
      Supplier<String> gatewaySecret,
      Addresses addresses,
      Supplier<ObjectNode> edge) {
    this.origins = origins;
    this.gatewaySecret = gatewaySecret;
    this.addresses = addresses;
    this.edge = edge;
    this.client = OwnRequest.client(vertx);
  }

  Future<Page> publicPage(Language language) {
    return publicPages.get(language, key -> render(new Wanted(Part.PUBLIC, key, null, false)));
  }

  Future<Page> render(Wanted wanted) {
    return render(wanted, new HashSet<>());
  }

  private Future<Page> render(Wanted wanted, Set<String> tried) {
    Optional<Origin> origin = origins.anyKeeper(tried);
    if (origin.isEmpty()) {
      return Future.succeededFuture(own(wanted));
    }
    tried.add(origin.get().name());
    return ask(origin.get(), wanted).recover(_ -> render(wanted, tried));
  }

  private Future<Page> ask(Origin origin, Wanted wanted) {
    RequestOptions post =
        addresses
            .request(origin.url())
            .setMethod(HttpMethod.POST)
            .setURI("/status")
            .putHeader("Content-Type", "application/json")
            .putHeader("X-Gateway-Secret", gatewaySecret.get());
    Promise<Answer> answered = Promise.promise();
    InFlight inFlight =
        origins.inFlight(origin, () -> answered.tryFail(new UnexpectedException("no heartbeat")));
    request
        .ask(client, post, Buffer.buffer(json(wanted)))
        .onSuccess(answered::tryComplete)
        .onFailure(answered::tryFail);
    return answered
        .future()
        .onComplete(_ -> inFlight.over())
        .compose(
            answer ->
                answer.head().statusCode() == 200
                    ? Future.succeededFuture(page(wanted, answer))
                    : Future.failedFuture(new UnexpectedException("no page")));
  }

  private String json(Wanted wanted) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.set("edge", edge.get());
    return json.put("part", wanted.part().name().toLowerCase(Locale.ROOT))
        .put("language", wanted.language().tag())
        .put("call", wanted.call())
        .put("live", wanted.part() != Part.PUBLIC)
        .put("signedIn", wanted.signedIn())
        .toString();
  }

  private static Page page(Wanted wanted, Answer answer) {
    HttpClientResponse head = answer.head();
    String type = head.getHeader("Content-Type");
    return page(wanted, type == null ? Page.HTML : type, head.getHeader(POLICY), answer.body());
  }

  private static Page page(Wanted wanted, String type, @Nullable String policy, String body) {
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", type);
    if (wanted.part() == Part.PUBLIC) {
      headers.put("Cache-Control", "public, max-age=60");
      headers.put("Vary", "Accept-Language");
    } else {
      headers.put("Cache-Control", "no-store");
    }
    if (policy != null) {
      headers.put(POLICY, policy);
    }
    return new Page(200, headers, body);
  }

  /**
   * Returns the edge's own page. Healthy origins may render nothing, because they are other
   * servers, or have too much to do.
   */
  private Page own(Wanted wanted) {
    boolean well = origins.choose(Set.of()).isPresent();
    Language language = wanted.language();
    String main = Documents.nobody(language, well ? Text.NO_PAGE : Text.NO_ORIGIN, edge.get());
    String body =
        switch (wanted.part()) {
          case PAGE -> Documents.reloading(language, main);
          case MAIN -> main;
          case PUBLIC -> Documents.publicly(language, well ? Text.UP : Text.DOWN);
        };
    return page(wanted, Page.HTML, Documents.POLICY, body);
  }
}
