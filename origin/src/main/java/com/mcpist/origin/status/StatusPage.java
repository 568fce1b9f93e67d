package com.mcpist.origin.status;

import com.mcpist.origin.status.Asked.Edge;
import com.mcpist.origin.status.Asked.SeenOrigin;
import com.mcpist.origin.status.Asked.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The page of those who operate the pair. The parts of its main element have ids, and are always
 * the same: the script replaces the content of those that have changed. So nothing in them says
 * when they were made.
 */
record StatusPage(Texts texts, Asked asked, Optional<History> history, List<ObjectNode> mounts) {
  private static final Duration QUARTER = Duration.ofMinutes(15);
  private static final int QUARTERS = 96;
  private static final int DAYS = 90;

  Html page() {
    Edge edge = asked.edge();
    Html attributes =
        Html.of(" data-at=\"%s\"%s", edge.at(), asked.live() ? new Html(" data-live") : Html.NONE);
    Html body =
        Html.of(
            """
            <header><h1>%s</h1>%s</header>
            <p id="stale" class="notice warn" role="status" hidden>%s</p>
            <main>
            %s</main>
            %s
            <footer>%s %s</footer>\
            """,
            texts.of("title"),
            asked.signedIn() ? signOut() : Html.NONE,
            texts.of("stale"),
            main(),
            new CallSearch(texts, asked.call(), history).html(),
            texts.of("footer", texts.word("edge", edge.kind()), texts.time(edge.at())),
            asked.live() ? Html.NONE : texts.of("footer.still"));
    return Document.live(texts, attributes, body);
  }

  private Html signOut() {
    return Html.of(
        "<form method=\"post\" action=\"/status/sign-out\"><button>%s</button></form>",
        texts.of("sign-out"));
  }

  /** The content of the main element. */
  Html main() {
    Edge edge = asked.edge();
    return Html.of(
        """
        <p id="headline" role="status">%s</p>
        <p id="since">%s</p>
        <div id="notice">%s</div>
        %s
        %s
        """,
        headline(texts, "headline", edge),
        since(edge),
        history.isPresent() ? Html.NONE : notice(texts, "no-history"),
        origins(edge),
        new Tables(texts, history, mounts).html());
  }

  static Html headline(Texts texts, String text, Edge edge) {
    Standing standing = edge.standing();
    String level =
        switch (standing) {
          case WELL -> "ok";
          case ALONE, STANDBY, IDLE -> "warn";
          case DOWN -> "bad";
        };
    return Html.mark(
        level,
        texts.of(text + "." + standing.name().toLowerCase(Locale.ROOT), Html.name(edge.active())));
  }

  static Html notice(Texts texts, String key) {
    return Html.of("<p class=\"notice warn\">%s</p>", texts.of(key));
  }

  private Html since(Edge edge) {
    List<Html> said = new ArrayList<>();
    Instant since = edge.activeSince();
    if (since != null) {
      said.add(texts.of("since", Html.name(edge.active()), texts.time(since)));
      said.add(new Html(" "));
    }
    Asked.Calls calls = edge.calls();
    String counted = edge.kind().equals("worker") ? "calls.worker" : "calls";
    said.add(texts.of(counted, calls.answered(), calls.failed(), calls.replayed()));
    return Html.of("%s", said);
  }

  private Html origins(Edge edge) {
    List<Html> cards = new ArrayList<>();
    for (int i = 0; i < edge.origins().size(); i++) {
      cards.add(card(edge.origins().get(i), i));
    }
    return Html.of(
        """
        <section id="origins" aria-labelledby="origins-title">
        <h2 id="origins-title">%s</h2>
        <div class="cards">%s</div>
        <p class="dim">%s</p>
        </section>\
        """,
        texts.of("origins.title"),
        cards,
        history.isPresent() ? texts.of("strip.legend") : Html.NONE);
  }

  private Html card(SeenOrigin origin, int number) {
    String state = origin.state().name().toLowerCase(Locale.ROOT);
    String level =
        switch (origin.state()) {
          case HEALTHY -> "ok";
          case SUSPECT -> "warn";
          case UNHEALTHY -> "bad";
          case DRAINED -> "off";
        };
    return Html.of(
        """
        <article>
        <h3>%s</h3>
        <p>%s%s</p>
        <dl>%s%s%s%s%s</dl>
        %s%s
        </article>
        """,
        Html.name(origin.name()),
        Html.mark(level, texts.of("state." + state)),
        origin.active() ? Html.of(" · <strong>%s</strong>", texts.of("origin.serves")) : Html.NONE,
        texts.fact("origin.release", text(origin.release())),
        texts.fact("origin.attempts", Html.of("%s", origin.attempts())),
        texts.fact("origin.p50", millis(origin.p50Millis())),
        texts.fact("origin.p99", millis(origin.p99Millis())),
        texts.fact("origin.last-failure", failure(origin)),
        strip(origin, "day", number, QUARTER, QUARTERS),
        strip(origin, "quarter", number, Duration.ofDays(1), DAYS));
  }

  private static Html text(@Nullable String text) {
    return text == null || text.isEmpty() ? new Html("–") : Html.name(text);
  }

  private static Html millis(@Nullable Double millis) {
    return millis == null ? new Html("–") : Html.of("%s ms", Texts.decimal(millis));
  }

  private Html failure(SeenOrigin origin) {
    Asked.Failure failure = origin.lastFailure();
    return failure == null
        ? new Html("–")
        : Html.of("%s: %s", texts.time(failure.at()), Html.english(failure.reason()));
  }

  private Html strip(SeenOrigin origin, String name, int number, Duration cell, int cells) {
    if (history.isEmpty()) {
      return Html.NONE;
    }
    Instant first = history.get().first();
    List<History.Outage> outages =
        history.get().outages().stream().filter(o -> o.origin().equals(origin.name())).toList();
    Strip strip = Strip.of(outages, first, asked.edge().at(), cell, cells);
    String id = "strip-" + name + "-" + number;
    Html said =
        strip.percent() == null
            ? texts.of("strip.unknown")
            : texts.of("strip.healthy", strip.percent(), strip.outages());
    return Html.of(
        "<figure><figcaption id=\"%s\">%s %s</figcaption>%s</figure>",
        id, texts.of("strip." + name), said, strip.svg(id));
  }
}
