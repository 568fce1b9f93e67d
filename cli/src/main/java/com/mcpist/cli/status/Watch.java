package com.mcpist.cli.status;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Interruption;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Screen;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.TextTable;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.time.Deadline;
import picocli.CommandLine.ExitCode;

/** Shows how something is whenever that has changed, until Ctrl-C. */
record Watch(Source source, Duration pause, boolean json) {
  /** Right after a change there is often another one. */
  private static final Duration SOON = Duration.ofMillis(250);

  private static final int EVENTS = 3;

  @FunctionalInterface
  interface Source {
    View look() throws Exception;
  }

  /** For programs, what `status --json` prints; nothing of it where nothing runs. */
  record View(String json, List<Event> events, String text) {
    static View of(String json, List<Event> events, String table) {
      return new View(json, events, events.isEmpty() ? table : table + "\n" + table(events));
    }

    static View down(String why) {
      return new View("", List.of(), Failure.sentence(why) + "\n");
    }

    /** Not by the text, in which ages grow. */
    boolean differs(View before) {
      return json.isEmpty()
          ? !equals(before)
          : !json.equals(before.json) || !events.equals(before.events);
    }

    private static String table(List<Event> events) {
      return new TextTable<>(events)
          .column("LAST EVENTS", event -> TextTable.moment(event.at()))
          .column("KIND", Event::kind)
          .text("WHAT", Event::message)
          .render();
    }
  }

  /** The last ones. */
  static List<Event> events(AdminPath admin, Deadline deadline) throws InterruptedException {
    return admin.events(EVENTS, deadline);
  }

  /** Returns when nobody reads what it writes. */
  int run() throws Exception {
    Screen screen = new Screen(Terminal.detect(), System.out);
    View last = View.down("");
    try (Interruption _ = Interruption.asEnd()) {
      while (true) {
        View now = source.look();
        boolean changed = now.differs(last);
        if (!json) {
          screen.draw(now.text(), changed);
        } else if (changed && now.json().isEmpty()) {
          System.err.print(now.text());
        } else if (changed) {
          Output.print(now.json());
        }
        if (System.out.checkError()) {
          return ExitCode.OK;
        }
        last = now;
        TimeUnit.MILLISECONDS.sleep((changed ? SOON : pause).toMillis());
      }
    }
  }
}
