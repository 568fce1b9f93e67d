package com.mcpist.origin.status;

import com.mcpist.origin.status.Asked.Edge;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What everybody may know: whether calls are answered, and since when not, without a name. */
record PublicPage(Texts texts, Edge edge, Optional<History> history) {
  Html page() {
    Html incidents =
        history.isEmpty()
            ? StatusPage.notice(texts, "incidents.unknown")
            : Html.of("%s", incidents(history.get().incidents()));
    return Document.still(
        texts,
        Html.of(
            """
            <header><h1>%s</h1></header>
            <main>
            <p id="headline">%s</p>
            <section><h2 id="incidents-title">%s</h2>%s</section>
            </main>
            <footer>%s</footer>\
            """,
            texts.of("title"),
            StatusPage.headline(texts, "public", edge),
            texts.of("incidents.title"),
            incidents,
            texts.of("incidents.footer", texts.time(edge.at()))));
  }

  private Html incidents(List<History.Span> spans) {
    if (spans.isEmpty()) {
      return Html.of("<p>%s</p>", texts.of("incidents.none"));
    }
    return Html.of("<ul>%s</ul>", spans.stream().map(this::incident).toList());
  }

  private Html incident(History.Span span) {
    Instant to = span.to();
    return Html.of(
        "<li>%s: %s</li>\n",
        texts.time(span.from()),
        to == null ? texts.of("goes-on") : texts.duration(Duration.between(span.from(), to)));
  }
}
