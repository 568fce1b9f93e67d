package com.mcpist.origin.mount.client;

import com.mcpist.module.Claim;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;

/**
 * The body of a request that is sent only while a claim holds. The HTTP client asks for the body
 * when it has a connection and has sent the head, which may be long after the claim was renewed. If
 * the claim does not hold any more, the body breaks off, and the server has an incomplete request,
 * which it cannot run.
 */
final class ClaimedBody implements BodyPublisher {
  private final BodyPublisher bytes;
  private final Claim claim;
  private volatile boolean brokeOff;

  ClaimedBody(byte[] bytes, Claim claim) {
    this.bytes = BodyPublishers.ofByteArray(bytes);
    this.claim = claim;
  }

  /** Returns true if the server did not get the whole body, because the claim had ended. */
  boolean brokeOff() {
    return brokeOff;
  }

  @Override
  public long contentLength() {
    return bytes.contentLength();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> client) {
    bytes.subscribe(new Guard(client));
  }

  /** Passes the body on, piece by piece, until the claim has ended. */
  private final class Guard implements Flow.Subscriber<ByteBuffer> {
    private final Flow.Subscriber<? super ByteBuffer> client;
    private Flow.Subscription subscription = new None();

    Guard(Flow.Subscriber<? super ByteBuffer> client) {
      this.client = client;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      client.onSubscribe(given);
    }

    @Override
    public void onNext(ByteBuffer piece) {
      if (claim.holds()) {
        client.onNext(piece);
      } else if (!brokeOff) {
        brokeOff = true;
        subscription.cancel();
        client.onError(new IOException("The claim of the call has ended"));
      }
    }

    @Override
    public void onError(Throwable failure) {
      client.onError(failure);
    }

    @Override
    public void onComplete() {
      if (!brokeOff) {
        client.onComplete();
      }
    }
  }

  /** The subscription before the first one is given. */
  private static final class None implements Flow.Subscription {
    @Override
    public void request(long pieces) {}

    @Override
    public void cancel() {}
  }
}
