package com.mcpist.edge.call;

import com.mcpist.edge.call.Session.Place;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that can be opened anew. If there are too many, the user who has the most loses the
 * session that was idle for longest. The calls in that session still go to its origin. Safe for all
 * threads.
 */
final class Sessions {
  private static final int MOST = 10_000;
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  private record Key(String user, String id) {}

  /** A session, with the number of bytes that it took when it was counted. */
  private record Counted(Session session, int bytes) {}

  private final Map<Key, Counted> all = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  synchronized void add(Session session) {
    Counted now = new Counted(session, session.bytes());
    forgotten(all.put(new Key(session.user(), session.id()), now));
    bytes += now.bytes();
    while (all.size() > MOST || bytes > MOST_BYTES) {
      forgetOne();
    }
  }

  /** Notes that the session takes another amount of memory now. */
  synchronized void changed(Session session) {
    if (all.containsKey(new Key(session.user(), session.id()))) {
      add(session);
    }
  }

  private void forgotten(@Nullable Counted counted) {
    bytes -= counted == null ? 0 : counted.bytes();
  }

  private void forgetOne() {
    Map<String, Integer> counts = new HashMap<>();
    all.keySet().forEach(key -> counts.merge(key.user(), 1, Integer::sum));
    String most =
        counts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    all.keySet().stream()
        .filter(key -> key.user().equals(most))
        .findFirst()
        .ifPresent(key -> forgotten(all.remove(key)));
  }

  /** Returns the session with this id; null if no edge has given this id. */
  synchronized @Nullable Session find(String user, String id) {
    Counted known = all.get(new Key(user, id));
    if (known != null) {
      return known.session();
    }
    Place place = Place.of(id);
    return place == null ? null : new Session(user, id, place);
  }

  synchronized void remove(Session session) {
    forgotten(all.remove(new Key(session.user(), session.id())));
  }
}
