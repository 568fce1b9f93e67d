package com.mcpist.cli.console;

import module java.base;

import com.mcpist.deploy.release.Watcher;
import com.mcpist.drill.GameDay.Observer;
import com.mcpist.pair.backup.Backup;
import org.jspecify.annotations.Nullable;

/** Shows steps one under the other, the last one moving, with what each origin is at. */
public final class Progress implements Watcher, Observer, Backup.Observer, AutoCloseable {
  private static final long FRAME_MILLIS = 100;

  private final Terminal terminal;
  private final Line line;
  private final PrintStream out;
  private final Thread animation;
  private final Map<String, String> origins = new LinkedHashMap<>();
  private final Map<String, List<String>> planned = new LinkedHashMap<>();
  private @Nullable String step;
  private String detail = "";
  private long stepStarted;
  private int frame;

  public Progress(Terminal terminal, PrintStream out) {
    this.terminal = terminal;
    this.line = new Line(terminal);
    this.out = out;
    this.animation = Thread.ofVirtual().unstarted(this::animate);
    if (terminal.animated()) {
      animation.start();
    }
  }

  @Override
  public synchronized void step(String text) {
    done();
    step = text;
    detail = "";
    origins.clear();
    stepStarted = System.nanoTime();
    draw();
  }

  /** What the step is at, where lines can move. */
  @Override
  public synchronized void detail(String text) {
    detail = text;
    draw();
  }

  @Override
  public synchronized void line(String text) {
    done();
    show(text + "\n");
  }

  /** A line about the step, which goes on. */
  @Override
  public synchronized void note(String text) {
    show(line.cleared() + text + "\n");
    draw();
  }

  /** Where a line cannot be written over each change is a line. */
  @Override
  public synchronized void origin(String origin, String text) {
    if (text.equals(origins.put(origin, text))) {
      return;
    }
    if (terminal.animated()) {
      detail(
          origins.entrySet().stream()
              .map(entry -> entry.getKey() + " " + entry.getValue())
              .collect(Collectors.joining(", ")));
    } else {
      note("  " + origin + ": " + text);
    }
  }

  @Override
  public synchronized void plan(String origin, List<String> calls) {
    planned.put(origin, List.copyOf(calls));
    for (String call : calls) {
      line("  " + (call.startsWith(origin) ? call : origin + ": " + call));
    }
  }

  public synchronized Map<String, List<String>> calls() {
    return Map.copyOf(planned);
  }

  public synchronized void failed() {
    if (step != null) {
      show(line.failed(step, since()));
    }
    step = null;
  }

  @Override
  public synchronized void failed(String problem) {
    failed();
    line("  " + problem);
  }

  public synchronized void done() {
    if (step != null) {
      show(line.done(step, since()));
    }
    step = null;
  }

  /** Takes what is unfinished away: nothing was achieved. */
  @Override
  public void close() {
    animation.interrupt();
    synchronized (this) {
      if (step != null) {
        show(line.cleared());
        step = null;
      }
    }
  }

  private void animate() {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(FRAME_MILLIS);
        synchronized (this) {
          frame++;
          draw();
        }
      }
    } catch (InterruptedException _) {
      // The start is over.
    }
  }

  private void draw() {
    if (step != null) {
      show(line.running(detail.isEmpty() ? step : step + ": " + detail, since(), frame));
    }
  }

  private Duration since() {
    return Duration.ofNanos(System.nanoTime() - stepStarted);
  }

  private void show(String text) {
    out.print(text);
    out.flush();
  }

  record Line(Terminal terminal) {
    private static final String SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
    private static final String ASCII_SPINNER = "|/-\\";
    private static final String CLEAR = "\r\u001b[K";

    /** The line while the step lasts; it replaces the one before. Nothing where lines cannot be. */
    String running(String step, Duration since, int frame) {
      if (!terminal.animated()) {
        return "";
      }
      String frames = terminal.unicode() ? SPINNER : ASCII_SPINNER;
      String sign = String.valueOf(frames.charAt(frame % frames.length()));
      return CLEAR + terminal.yellow(sign) + " " + step + " " + terminal.dim(seconds(since));
    }

    String done(String step, Duration took) {
      return terminal.animated()
          ? last(terminal.green(terminal.unicode() ? "✓" : "*"), step, took)
          : step + ": done in " + seconds(took) + "\n";
    }

    String failed(String step, Duration took) {
      return terminal.animated()
          ? last(terminal.red(terminal.unicode() ? "✗" : "x"), step, took)
          : step + ": failed after " + seconds(took) + "\n";
    }

    private String last(String sign, String step, Duration took) {
      return CLEAR + sign + " " + step + " " + terminal.dim(seconds(took)) + "\n";
    }

    String cleared() {
      return terminal.animated() ? CLEAR : "";
    }

    private static String seconds(Duration duration) {
      return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
  }
}
