package com.mcpist.origin.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;

/**
 * Closes a connection that sends too many lines of which the codec makes nothing yet: each header
 * takes a multiple of its bytes of the heap, and the codec counts no line's end. It is on both
 * sides of the codec: before it to count, behind it to see what has come of that.
 */
@Sharable
final class OpenHeads extends ChannelInboundHandlerAdapter {
  /** More than an edge lets a client send, with what it adds. */
  private static final int MOST_LINES = 192;

  /** Of a body at once: where it ends within, what follows is not counted. */
  private static final int PIECE = 1024;

  private boolean head = true;
  private int lines;

  private OpenHeads() {}

  static void limit(HttpConnection connection) {
    ChannelHandlerContext last = ((HttpServerConnection) connection).channelHandlerContext();
    OpenHeads heads = new OpenHeads();
    last.pipeline().addFirst(heads).addBefore(last.name(), null, heads);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      lines = 0;
      head = message instanceof LastHttpContent;
      context.fireChannelRead(message);
      return;
    }
    try {
      while (bytes.isReadable() && lines <= MOST_LINES) {
        ByteBuf piece = bytes.readRetainedSlice(length(bytes));
        for (int i = piece.readerIndex(); i < piece.writerIndex(); i++) {
          lines += piece.getByte(i) == '\n' ? 1 : 0;
        }
        context.fireChannelRead(piece);
      }
    } finally {
      bytes.release();
    }
    if (lines > MOST_LINES) {
      var _ = context.close();
    }
  }

  private int length(ByteBuf bytes) {
    int line = head ? bytes.bytesBefore((byte) '\n') + 1 : 0;
    return line > 0 ? line : Math.min(bytes.readableBytes(), PIECE);
  }
}
