package com.mcpist.origin.status;

import com.mcpist.origin.fixture.Definitions;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ObjectNode;

/** What an edge sends: docs/design/processes.md. Of a pair that is well, in English. */
record Asking(ObjectNode json) {
  static Asking of() {
    return new Asking(
        Definitions.json(
            """
            {"edge": {"kind": "java", "at": "2027-01-31T12:00:00.123Z",
              "activeSince": "2027-01-31T11:00:00Z",
              "origins": [
                {"name": "koyeb-primary", "state": "healthy", "active": true, "release": "v2",
                 "lastFailure": {"at": "2027-01-31T10:59:00Z", "reason": "a call was cut off"},
                 "attempts": 1204, "p50Millis": 3.25, "p99Millis": 41.0},
                {"name": "flyio-standby", "state": "healthy", "active": false, "release": null,
                 "lastFailure": null, "attempts": 0, "p50Millis": null, "p99Millis": null}],
              "calls": {"answered": 1200, "failed": 1, "replayed": 3}},
             "part": "page", "language": "en", "call": null, "live": true, "signedIn": true}
            """));
  }

  Asking part(String part) {
    json.put("part", part);
    return this;
  }

  Asking language(String language) {
    json.put("language", language);
    return this;
  }

  Asking call(String call) {
    json.put("call", call);
    return this;
  }

  ObjectNode edge() {
    return (ObjectNode) json.path("edge");
  }

  /** Of an origin, by its place. */
  ObjectNode origin(int i) {
    return (ObjectNode) edge().path("origins").path(i);
  }

  byte[] bytes() {
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }
}
