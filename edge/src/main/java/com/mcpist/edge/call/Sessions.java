package com.mcpist.edge.call;

import com.mcpist.edge.call.Session.Place;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that can be opened anew. Where there are too many, the user who has most loses the
 * one that was idle for longest: its calls still go to its origin. Safe for all threads.
 */
final class Sessions {
  private static final int MOST = 10_000;
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  private record Key(String user, String id) {}

  private final Map<Key, Session> all = new LinkedHashMap<>(16, 0.75f, true);

  synchronized void add(Session session) {
    all.put(new Key(session.user(), session.id()), session);
    trim();
  }

  /** One takes more memory now. */
  synchronized void trim() {
    while (all.size() > MOST || all.values().stream().mapToInt(Session::bytes).sum() > MOST_BYTES) {
      forgetOne();
    }
  }

  private void forgetOne() {
    Map<String, Integer> counts = new HashMap<>();
    all.keySet().forEach(key -> counts.merge(key.user(), 1, Integer::sum));
    String most =
        counts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    for (Iterator<Key> keys = all.keySet().iterator(); keys.hasNext(); ) {
      if (keys.next().user().equals(most)) {
        keys.remove();
        return;
      }
    }
  }

  /** Null: an edge has not given this id. */
  synchronized @Nullable Session find(String user, String id) {
    Session known = all.get(new Key(user, id));
    if (known != null) {
      return known;
    }
    Place place = Place.of(id);
    return place == null ? null : new Session(user, id, place);
  }

  synchronized void remove(Session session) {
    all.remove(new Key(session.user(), session.id()));
  }
}
