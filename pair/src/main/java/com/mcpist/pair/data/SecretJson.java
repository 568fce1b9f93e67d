package com.mcpist.pair.data;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.mcpist.deploy.secret.Secret;
import tools.jackson.databind.json.JsonMapper;

/** Writes secrets out: for the control socket and a pair's record, which only the owner reaches. */
public final class SecretJson {
  public static final JsonMapper MAPPER =
      JsonMapper.builder().addMixIn(Secret.class, SecretAsText.class).build();

  private interface SecretAsText {
    @JsonCreator
    static Secret of(String value) {
      return Secret.of(value);
    }

    @JsonValue
    String reveal();
  }

  private SecretJson() {}
}
