package com.mcpist.cli;

import com.mcpist.deploy.release.Watcher;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Shows how a deployment goes: a line for each step, and what each origin is at. */
final class RolloutProgress implements Watcher {
  private final Progress progress;
  private final boolean animated;
  private final Map<String, String> origins = new LinkedHashMap<>();
  private final Map<String, List<String>> planned = new LinkedHashMap<>();

  /**
   * Shows it.
   *
   * @param animated whether a line may be written over; else each change is a line
   */
  RolloutProgress(Progress progress, boolean animated) {
    this.progress = progress;
    this.animated = animated;
  }

  @Override
  public synchronized void step(String text) {
    origins.clear();
    progress.step(text);
  }

  @Override
  public synchronized void origin(String origin, String text) {
    if (text.equals(origins.put(origin, text))) {
      return;
    }
    if (animated) {
      progress.detail(
          origins.entrySet().stream()
              .map(entry -> entry.getKey() + " " + entry.getValue())
              .collect(Collectors.joining(", ")));
    } else {
      progress.note("  " + origin + ": " + text);
    }
  }

  @Override
  public synchronized void failed(String problem) {
    progress.failed();
    progress.line("  " + problem);
  }

  @Override
  public synchronized void note(String text) {
    progress.note(text);
  }

  @Override
  public synchronized void plan(String origin, List<String> calls) {
    planned.put(origin, List.copyOf(calls));
    for (String call : calls) {
      progress.line("  " + (call.startsWith(origin) ? call : origin + ": " + call));
    }
  }

  /** The calls that would be made, by origin. */
  synchronized Map<String, List<String>> calls() {
    return Map.copyOf(planned);
  }
}
