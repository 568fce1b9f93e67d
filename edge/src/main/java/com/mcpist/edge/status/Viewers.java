package com.mcpist.edge.status;

import com.mcpist.edge.status.Renderer.Part;
import com.mcpist.edge.status.Renderer.Wanted;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The clients that see the page change. The page is rendered once for all clients that see the
 * same, on one event loop's context, and only while there are such clients.
 */
final class Viewers {
  static final int MOST = 64;

  private static final long RENDER_MILLIS = 5_000;
  private static final Buffer BEGIN = Buffer.buffer("retry: 1000\n\n");

  /** The sign that the edge lives. It is an event, since a script sees no comment. */
  private static final Buffer ALIVE = Buffer.buffer("event: alive\ndata:\n\n");

  private final Vertx vertx;
  private final Context context;
  private final Renderer renderer;
  private final InstantSource clock;
  private final AtomicInteger number = new AtomicInteger();
  private final Map<View, Audience> audiences = new HashMap<>();
  private boolean closed;

  /** The properties of a client that decide what its page shows. */
  record View(Language language, boolean signedIn) {}

  Viewers(Vertx vertx, Renderer renderer, InstantSource clock) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.renderer = renderer;
    this.clock = clock;
    context.runOnContext(_ -> vertx.setPeriodic(RENDER_MILLIS, _ -> look()));
  }

  int number() {
    return number.get();
  }

  /**
   * Adds a client, on the visitor's event loop. Returns false if there are too many. {@code until}
   * is the time at which the client must leave.
   */
  boolean add(Visitor visitor, View view, Instant until) {
    if (number.incrementAndGet() > MOST) {
      number.decrementAndGet();
      return false;
    }
    Viewer viewer = new Viewer(visitor, view, until);
    visitor.onGone(viewer::left);
    visitor.onRoom(() -> viewer.full = false);
    visitor.stream();
    viewer.full = !visitor.write(BEGIN);
    context.runOnContext(_ -> join(viewer));
    return true;
  }

  private void join(Viewer viewer) {
    if (closed) {
      viewer.end();
      return;
    }
    Audience audience = audiences.computeIfAbsent(viewer.view, Audience::new);
    audience.viewers.add(viewer);
    Buffer event = audience.event;
    if (event != null) {
      viewer.show(event);
    } else if (!audience.rendering) {
      audience.render();
    }
  }

  /** Notes that what the page shows has changed. May be called from any thread. */
  void changed() {
    context.runOnContext(_ -> audiences.values().forEach(Audience::render));
  }

  private void look() {
    Instant now = clock.instant();
    for (Audience audience : audiences.values()) {
      audience.render();
      for (Viewer viewer : audience.viewers) {
        if (now.isAfter(viewer.until)) {
          viewer.end();
        } else {
          viewer.alive();
        }
      }
    }
  }

  /** Ends all streams. Their browsers come again, to another edge if there is one. */
  void close() {
    context.runOnContext(
        _ -> {
          closed = true;
          audiences.values().forEach(each -> List.copyOf(each.viewers).forEach(Viewer::end));
        });
  }

  /** The clients that see the same. Used on the context only. */
  private final class Audience {
    private final View view;
    private final Set<Viewer> viewers = new HashSet<>();
    private String html = "";
    private @Nullable Buffer event;
    private boolean rendering;
    private boolean again;

    Audience(View view) {
      this.view = view;
    }

    void render() {
      again = rendering;
      if (!rendering) {
        rendering = true;
        renderer
            .render(new Wanted(Part.MAIN, view.language(), null, view.signedIn()))
            .onComplete(page -> context.runOnContext(_ -> rendered(page.result())));
      }
    }

    private void rendered(@Nullable Page page) {
      rendering = false;
      if (page != null && !page.body().equals(html)) {
        html = page.body();
        Buffer now =
            Buffer.buffer("event: main\ndata: " + html.replaceAll("\\R", "\ndata: ") + "\n\n");
        event = now;
        viewers.forEach(viewer -> viewer.show(now));
      }
      if (again && !viewers.isEmpty()) {
        render();
      }
    }
  }

  /** A client that sees the page change. Used on its visitor's event loop only. */
  private final class Viewer {
    private final Visitor visitor;
    private final View view;
    private final Instant until;
    private final Context loop = vertx.getOrCreateContext();
    private boolean open = true;
    private boolean full;

    Viewer(Visitor visitor, View view, Instant until) {
      this.visitor = visitor;
      this.view = view;
      this.until = until;
    }

    /**
     * Shows the client an event. A client that has not taken the event before is cut off. This
     * method and those that follow may be called from any thread.
     */
    void show(Buffer event) {
      whileOpen(
          () -> {
            if (full) {
              visitor.abort();
            } else {
              full = !visitor.write(event);
            }
          });
    }

    void alive() {
      whileOpen(() -> full = full || !visitor.write(ALIVE));
    }

    void end() {
      whileOpen(
          () -> {
            visitor.end();
            left();
          });
    }

    private void whileOpen(Runnable task) {
      loop.runOnContext(
          _ -> {
            if (open) {
              task.run();
            }
          });
    }

    void left() {
      if (open) {
        open = false;
        number.decrementAndGet();
        context.runOnContext(_ -> leave(this));
      }
    }
  }

  private void leave(Viewer viewer) {
    audiences.computeIfPresent(
        viewer.view,
        (view, audience) -> {
          audience.viewers.remove(viewer);
          return audience.viewers.isEmpty() ? null : audience;
        });
  }
}
