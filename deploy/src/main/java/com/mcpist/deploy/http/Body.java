package com.mcpist.deploy.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a call sends. */
public sealed interface Body {
  /** The value of Content-Type. */
  String type();

  /** As it goes over the wire. */
  byte[] bytes();

  /** A JSON text. */
  record Json(JsonNode value) implements Body {
    @Override
    public String type() {
      return "application/json";
    }

    @Override
    public byte[] bytes() {
      return JsonMapper.shared().writeValueAsBytes(value);
    }
  }

  /**
   * A form of several texts, as multipart/form-data.
   *
   * @param boundary between them: it is in none of them
   */
  record Form(String boundary, List<Part> parts) implements Body {
    /** As given. */
    public Form {
      parts = List.copyOf(parts);
    }

    /** With a boundary that nobody could have put into a text. */
    public static Form of(List<Part> parts) {
      return new Form("mcpist-" + UUID.randomUUID(), parts);
    }

    @Override
    public String type() {
      return "multipart/form-data; boundary=" + boundary;
    }

    @Override
    public byte[] bytes() {
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
      return text.append("--")
          .append(boundary)
          .append("--\r\n")
          .toString()
          .getBytes(StandardCharsets.UTF_8);
    }
  }

  /**
   * One of a form's texts.
   *
   * @param name the field's, or the file's: letters, digits, dots, hyphens and underscores
   * @param type its media type
   * @param file whether it is a file
   */
  record Part(String name, String type, String text, boolean file) {
    /**
     * As given.
     *
     * @throws IllegalArgumentException where the name could not stand in a header
     */
    public Part {
      if (!name.matches("[A-Za-z0-9._-]+")) {
        throw new IllegalArgumentException("\"" + name + "\" is no name of a part");
      }
    }
  }
}
