package com.mcpist.deploy.http;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One call of a vendor's interface. The name says what the call does, for messages: {@code get
 * service 8b2a}.
 *
 * @param repeatable true if making the call a second time does no harm, because it only reads, or
 *     sets a value to a given one
 * @param accepted the statuses besides 2xx that are answers and no errors
 * @param hidden the texts that are sent in the call and must not appear in a message
 */
public record Call(
    String name,
    String method,
    String path,
    Map<String, String> headers,
    Optional<Body> body,
    boolean repeatable,
    Set<Integer> accepted,
    Optional<Pace> pace,
    Optional<Duration> timeout,
    List<Secret> hidden) {

  public record Pace(String key, int burst, double perSecond) {}

  private static Call of(
      String name, String method, String path, Optional<Body> body, boolean repeatable) {
    return new Call(
        name,
        method,
        path,
        Map.of(),
        body,
        repeatable,
        Set.of(),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  public static ObjectNode object() {
    return JsonMapper.shared().createObjectNode();
  }

  public static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  public static Call get(String name, String path) {
    return of(name, "GET", path, Optional.empty(), true);
  }

  /**
   * Returns a call that changes something. It is never sent a second time if the first may have
   * acted.
   */
  public static Call change(String name, String method, String path, JsonNode body) {
    return of(name, method, path, Optional.of(Body.json(body)), false);
  }

  public static Call upload(String name, String method, String path, Body form) {
    return of(name, method, path, Optional.of(form), false);
  }

  public static Call change(String name, String method, String path) {
    return of(name, method, path, Optional.empty(), false);
  }

  public Call asRepeatable() {
    return new Call(name, method, path, headers, body, true, accepted, pace, timeout, hidden);
  }

  public Call with(String header, String value) {
    Map<String, String> more = new TreeMap<>(headers);
    more.put(header, value);
    return new Call(name, method, path, more, body, repeatable, accepted, pace, timeout, hidden);
  }

  public Call accepting(int status) {
    Set<Integer> more = new TreeSet<>(accepted);
    more.add(status);
    return new Call(name, method, path, headers, body, repeatable, more, pace, timeout, hidden);
  }

  public Call paced(Pace paced) {
    Optional<Pace> own = Optional.of(paced);
    return new Call(name, method, path, headers, body, repeatable, accepted, own, timeout, hidden);
  }

  public Call within(Duration limit) {
    Optional<Duration> own = Optional.of(limit);
    return new Call(name, method, path, headers, body, repeatable, accepted, pace, own, hidden);
  }

  public Call hiding(List<Secret> secrets) {
    return new Call(
        name, method, path, headers, body, repeatable, accepted, pace, timeout, secrets);
  }

  public boolean reads() {
    return method.equals("GET") || method.equals("HEAD");
  }

  @Override
  public String toString() {
    return method + " " + path;
  }

  public record Body(String type, String text) {
    public record Part(String name, String type, String text, boolean file) {
      public Part {
        if (!name.matches("[A-Za-z0-9._-]+")) {
          throw new IllegalArgumentException("\"" + name + "\" is no name of a part");
        }
      }
    }

    static Body json(JsonNode value) {
      return new Body("application/json", value.toString());
    }

    /**
     * Returns a multipart body of several texts. Its boundary is random, so that no text can
     * contain it.
     */
    public static Body form(List<Part> parts) {
      String boundary = "mcpist-" + UUID.randomUUID();
      StringBuilder text = new StringBuilder();
      for (Part part : parts) {
        text.append("--").append(boundary).append("\r\n");
        text.append("Content-Disposition: form-data; name=\"").append(part.name()).append('"');
        if (part.file()) {
          text.append("; filename=\"").append(part.name()).append('"');
        }
        text.append("\r\nContent-Type: ").append(part.type()).append("\r\n\r\n");
        text.append(part.text()).append("\r\n");
      }
      text.append("--").append(boundary).append("--\r\n");
      return new Body("multipart/form-data; boundary=" + boundary, text.toString());
    }

    byte[] bytes() {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }
}
