package com.mcpist.pair.rollout;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks an address for its health, and who answers. Each time on a new connection: one that was kept
 * would stay with the process that it was made to.
 *
 * @param health the address
 * @param secret the gateway secret, without which nobody is told the instance
 * @param instance who is to answer
 */
record HealthQuestion(URI health, String secret, String instance) {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(1);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);
  private static final int LONGEST_ANSWER = 64 * 1024;

  /** Whether it is that instance that answers, and is healthy. */
  boolean isAnswered() {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) health.toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(Math.toIntExact(CONNECT_LIMIT.toMillis()));
      connection.setReadTimeout(Math.toIntExact(ANSWER_LIMIT.toMillis()));
      connection.setInstanceFollowRedirects(false);
      connection.setRequestProperty("Connection", "close");
      connection.setRequestProperty("X-Gateway-Secret", secret);
      if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
        connection.disconnect();
        return false;
      }
      try (InputStream in = connection.getInputStream()) {
        return isNamed(new String(in.readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8));
      }
    } catch (IOException _) {
      return false;
    }
  }

  private boolean isNamed(String body) {
    try {
      String told = JsonMapper.shared().readTree(body).path("instance").asString("");
      return told.equals(instance);
    } catch (JacksonException _) {
      return false;
    }
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "HealthQuestion[" + health + " of " + instance + "]";
  }
}
