package com.mcpist.pair.control;

import com.mcpist.deploy.secret.Secret;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** Lines of JSON as they pass the control socket, and nowhere else: secrets are written out. */
final class ControlJson {
  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(new SecretWriter())
                  .addDeserializer(Secret.class, new SecretReader()))
          .build();

  private ControlJson() {}

  static void write(SocketChannel channel, Object value) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(MAPPER.writeValueAsString(value) + "\n");
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  static BufferedReader lines(SocketChannel channel) {
    return new BufferedReader(
        new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
  }

  private static final class SecretWriter extends StdSerializer<Secret> {
    SecretWriter() {
      super(Secret.class);
    }

    @Override
    public void serialize(Secret secret, JsonGenerator out, SerializationContext context) {
      out.writeString(secret.reveal());
    }
  }

  private static final class SecretReader extends StdDeserializer<Secret> {
    SecretReader() {
      super(Secret.class);
    }

    @Override
    public Secret deserialize(JsonParser in, DeserializationContext context) {
      return Secret.of(in.getString());
    }
  }
}
