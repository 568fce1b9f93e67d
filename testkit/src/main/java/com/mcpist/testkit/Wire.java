package com.mcpist.testkit;

import com.mcpist.testkit.Behaviour.Answer;
import com.mcpist.testkit.Behaviour.Cut;
import com.mcpist.testkit.Behaviour.CutInBody;
import com.mcpist.testkit.Behaviour.Drip;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.Behaviour.Raw;
import com.mcpist.testkit.Behaviour.Silent;
import com.mcpist.testkit.Behaviour.Sse;
import com.mcpist.testkit.Behaviour.Ticks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Plays a {@link Behaviour} on a socket. */
final class Wire {
  private static final String LEDGER = "X-Ledger";

  private Wire() {}

  /** Plays it, and returns whether the connection can take another request. */
  static boolean play(Socket socket, Behaviour behaviour) throws IOException {
    OutputStream out = socket.getOutputStream();
    return switch (behaviour) {
      case Answer answer -> {
        out.write(bytes(answer));
        yield true;
      }
      case Cut(Ending ending) -> end(socket, ending == Ending.COMPLETE ? Ending.CLOSE : ending);
      case CutInBody(Answer whole, int sent, Ending ending) -> {
        byte[] all = bytes(whole);
        out.write(Arrays.copyOf(all, all.length - whole.body().length + sent));
        out.flush();
        yield end(socket, ending);
      }
      case Silent() -> end(socket, Ending.SILENCE);
      case Drip drip -> {
        drip(out, drip);
        yield true;
      }
      case Sse sse -> {
        stream(out, sse);
        yield end(socket, sse.ending());
      }
      case Ticks(Supplier<String> event, Duration pause) -> {
        beginStream(out);
        while (true) {
          chunk(out, event.get());
          LockSupport.parkNanos(pause.toNanos());
        }
      }
      case Raw(byte[] bytes) -> {
        out.write(bytes);
        out.flush();
        yield end(socket, Ending.CLOSE);
      }
    };
  }

  /** Ends the connection as told; silence is kept until the other side closes. */
  static boolean end(Socket socket, Ending ending) throws IOException {
    switch (ending) {
      case COMPLETE -> {
        return true;
      }
      case CLOSE -> socket.close();
      case RESET -> reset(socket);
      case SILENCE -> socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }
    return false;
  }

  /** One that its own thread has closed meanwhile has nothing left to reset. */
  private static void reset(Socket socket) throws IOException {
    try {
      socket.setSoLinger(true, 0);
    } catch (SocketException e) {
      if (!socket.isClosed()) {
        throw e;
      }
    }
    socket.close();
  }

  private static byte[] bytes(Answer answer) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + answer.status() + " Scripted\r\n");
    Map<String, String> headers = new LinkedHashMap<>(answer.headers());
    if (answer.status() >= 200 && answer.status() < 300) {
      // As an origin with a ledger does in each answer.
      headers.putIfAbsent(LEDGER, "kept");
    }
    headers.values().removeIf(String::isEmpty);
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (answer.status() >= 200 && answer.status() != 204 && answer.status() != 304) {
      head.append("Content-Length: ").append(answer.body().length).append("\r\n");
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    all.write(answer.body());
    return all.toByteArray();
  }

  private static void drip(OutputStream out, Drip drip) throws IOException {
    byte[] all = bytes(drip.whole());
    for (int from = 0; from < all.length; from += drip.piece()) {
      out.write(all, from, Math.min(drip.piece(), all.length - from));
      out.flush();
      LockSupport.parkNanos(drip.pause().toNanos());
    }
  }

  private static void beginStream(OutputStream out) throws IOException {
    String head =
        """
        HTTP/1.1 200 Scripted\r
        Content-Type: text/event-stream\r
        X-Ledger: kept\r
        Cache-Control: no-store\r
        Transfer-Encoding: chunked\r
        \r
        """;
    out.write(head.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void chunk(OutputStream out, String event) throws IOException {
    byte[] bytes = event.getBytes(StandardCharsets.UTF_8);
    out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.write(bytes);
    out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private static void stream(OutputStream out, Sse sse) throws IOException {
    beginStream(out);
    for (String event : sse.events()) {
      chunk(out, event);
      LockSupport.parkNanos(sse.pause().toNanos());
    }
    if (sse.ending() == Ending.COMPLETE) {
      out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
    }
    out.flush();
  }
}
