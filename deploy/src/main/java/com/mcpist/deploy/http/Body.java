package com.mcpist.deploy.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * What a call sends.
 *
 * @param type the value of Content-Type
 */
public record Body(String type, String text) {
  /**
   * One of a form's texts.
   *
   * @param name the field's, or the file's: letters, digits, dots, hyphens and underscores
   */
  public record Part(String name, String type, String text, boolean file) {
    /** Refuses a name that could not stand in a header. */
    public Part {
      if (!name.matches("[A-Za-z0-9._-]+")) {
        throw new IllegalArgumentException("\"" + name + "\" is no name of a part");
      }
    }
  }

  static Body json(JsonNode value) {
    return new Body("application/json", value.toString());
  }

  /** Several texts, with a boundary between them that nobody could have put into one. */
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
