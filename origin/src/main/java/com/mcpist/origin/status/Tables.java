package com.mcpist.origin.status;

import com.mcpist.origin.status.History.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What happened, who stores much, and what is mounted. */
record Tables(Texts texts, Optional<History> history, List<ObjectNode> mounts) {
  private static final double MIB = 1024 * 1024;
  private static final Html NOTHING = new Html("–");

  /** All, each with an id, whether it has rows or not. */
  Html html() {
    return Html.of(
        "%s\n%s\n%s\n%s\n%s\n%s\n%s",
        table("failovers", rows(History::failovers, this::failover)),
        table("releases", rows(History::releases, this::release)),
        drill(),
        table("events", rows(History::others, this::event)),
        table("users", rows(History::users, Tables::user)),
        table("plans", rows(History::plans, Tables::plan)),
        table("mounts", mounts.stream().map(this::mount).toList()));
  }

  private <T> List<Html> rows(Function<History, List<T>> of, Function<T, Html> row) {
    return history.stream().map(of).flatMap(List::stream).map(row).toList();
  }

  /**
   * A part of the page with a table, whose columns the texts name. It scrolls in a box of its own
   * where it is too wide.
   */
  private Html table(String name, List<Html> rows) {
    Html title = Html.of("<h2 id=\"%s-title\">%s</h2>", name, texts.of(name + ".title"));
    if (rows.isEmpty()) {
      return Html.of(
          "<section id=\"%s\">%s<p class=\"dim\">%s</p></section>", name, title, texts.of("none"));
    }
    List<Html> heads =
        Arrays.stream(texts.of(name + ".columns").text().split("\\|"))
            .map(column -> Html.of("<th scope=\"col\">%s</th>", new Html(column)))
            .toList();
    return Html.of(
        """
        <section id="%s">
        <div class="box" id="%s-box" role="region" tabindex="0" aria-labelledby="%s-title">
        <table><caption>%s</caption>
        <thead><tr>%s</tr></thead>
        <tbody>
        %s</tbody></table>
        </div>
        </section>\
        """,
        name, name, name, title, heads, rows);
  }

  private static Html row(Html first, Object... others) {
    List<Html> cells = Arrays.stream(others).map(other -> Html.of("<td>%s</td>", other)).toList();
    return Html.of("<tr><th scope=\"row\">%s</th>%s</tr>\n", first, cells);
  }

  private Html failover(Event event) {
    JsonNode data = event.data();
    return row(
        texts.time(event.at()),
        lasted(event),
        name(data.path("from").asString(event.origin() == null ? "" : event.origin())),
        name(data.path("to").asString("")),
        data.path("replayed").asLong(0),
        texts.duration(Duration.ofMillis(data.path("longestWaitMillis").asLong(0))),
        data.path("failed").asLong(0),
        Html.english(data.path("cause").asString(event.message())));
  }

  private Html release(History.Release release) {
    String level =
        switch (release.state()) {
          case "succeeded" -> "ok";
          case "running" -> "off";
          default -> "bad";
        };
    return row(
        texts.time(release.started()),
        texts.word("action", release.action()),
        name(release.release()),
        Html.of(
            "%s %s",
            Html.mark(level, texts.word("release", release.state())),
            Html.english(release.detail())),
        name(release.who()),
        lasted(release.started(), release.finished()));
  }

  private Html event(Event event) {
    String cause = event.data().path("cause").asString("");
    String said =
        cause.isEmpty() || event.message().contains(cause)
            ? event.message()
            : event.message() + ": " + cause;
    return row(
        texts.time(event.at()),
        texts.word("kind", event.kind()),
        name(event.origin() == null ? "" : event.origin()),
        lasted(event),
        Html.english(said));
  }

  private Html drill() {
    Event last = history.map(History::drill).orElse(null);
    return Html.of(
        "<section id=\"drill\"><h2>%s</h2><p>%s</p></section>",
        texts.of("drill.title"),
        last == null
            ? texts.of("drill.none")
            : Html.of("%s: %s", texts.time(last.at()), Html.english(last.message())));
  }

  private static Html user(History.User user) {
    return row(
        name(user.name()),
        name(user.plan()),
        Html.of(
            "%s / %s MiB (%s %%)",
            Texts.decimal(user.bytes() / MIB),
            user.mib(),
            (long) (100 * user.bytes() / (user.mib() * MIB))));
  }

  private static Html plan(History.Plan plan) {
    return row(name(plan.name()), plan.minute(), plan.once(), Html.of("%s MiB", plan.mib()));
  }

  private Html mount(ObjectNode mount) {
    String state = mount.path("state").asString("");
    String level =
        switch (state) {
          case "running" -> "ok";
          case "failed" -> "bad";
          default -> "off";
        };
    return row(
        name(mount.path("name").asString("")),
        Html.mark(level, texts.word("mount", state)),
        Html.english(mount.path("problem").asString("")));
  }

  private static Html name(String name) {
    return name.isEmpty() ? NOTHING : Html.name(name);
  }

  private Html lasted(Event event) {
    return event.running() ? texts.of("goes-on") : lasted(event.at(), event.ended());
  }

  private Html lasted(Instant from, @Nullable Instant to) {
    return to == null || to.isBefore(from) ? NOTHING : texts.duration(Duration.between(from, to));
  }
}
