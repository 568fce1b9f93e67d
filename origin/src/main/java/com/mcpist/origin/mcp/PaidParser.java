package com.mcpist.origin.mcp;

import com.mcpist.origin.auth.RefusedException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.util.JsonParserDelegate;

/** Pays for each node before it is made, and skips what this server does not read of _meta. */
final class PaidParser extends JsonParserDelegate {
  private static final int PREPAID = 4 * 1024;
  private static final Set<String> META =
      Set.of(
          "progressToken",
          Message.KEY,
          CallSpan.TRACE_PARENT,
          CallSpan.TRACE_STATE,
          Negotiation.VERSION,
          Negotiation.CAPABILITIES,
          Negotiation.LOG_LEVEL);

  private final Budget.Hold hold;
  private long prepaid;

  /** There is no room for a tree; the cause is the refusal. */
  static final class UnpaidException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnpaidException(RefusedException refusal) {
      super(null, refusal, false, false);
    }
  }

  PaidParser(JsonParser parser, Budget.Hold hold) {
    super(parser);
    this.hold = hold;
  }

  @Override
  public @Nullable JsonToken nextToken() {
    JsonToken token = delegate.nextToken();
    while (token == JsonToken.PROPERTY_NAME && isUnread()) {
      delegate.nextToken();
      delegate.skipChildren();
      token = delegate.nextToken();
    }
    pay(
        switch (token) {
          case START_OBJECT -> Budget.OBJECT;
          case START_ARRAY -> Budget.ARRAY;
          case PROPERTY_NAME -> Budget.property(delegate.currentName().length());
          case VALUE_STRING -> Budget.string(delegate.getStringLength());
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Budget.NUMBER + delegate.getStringLength();
          case null, default -> Budget.ELEMENT;
        });
    return token;
  }

  @Override
  public @Nullable String nextName() {
    return nextToken() == JsonToken.PROPERTY_NAME ? delegate.currentName() : null;
  }

  /** Whether the property is one of a message's params' _meta. */
  private boolean isUnread() {
    TokenStreamContext params = delegate.streamReadContext().getParent();
    TokenStreamContext message = params.getParent();
    return message != null
        && "_meta".equals(params.currentName())
        && "params".equals(message.currentName())
        && message.getNestingDepth() <= (message.getParent().inArray() ? 2 : 1)
        && !META.contains(delegate.currentName());
  }

  private void pay(long bytes) {
    if (bytes > prepaid) {
      long more = Math.max(bytes, PREPAID);
      try {
        hold.take(more);
      } catch (RefusedException e) {
        throw new UnpaidException(e);
      }
      prepaid += more;
    }
    prepaid -= bytes;
  }
}
