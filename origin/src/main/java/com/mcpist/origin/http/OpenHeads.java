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
        int end = piece.writerIndex();
        for (int i = lineEnd(piece, piece.readerIndex(), end); i > 0; i = lineEnd(piece, i, end)) {
          lines++;
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

  /** To the end of the head at most, and no further into lines than where they are too many. */
  private int length(ByteBuf bytes) {
    if (!head) {
      return Math.min(bytes.readableBytes(), PIECE);
    }
    int begin = bytes.readerIndex();
    int line = begin;
    for (int more = lines; more <= MOST_LINES; more++) {
      int end = lineEnd(bytes, line, bytes.writerIndex());
      if (end == 0) {
        return bytes.readableBytes();
      }
      boolean empty = end - line == 1 || (end - line == 2 && bytes.getByte(line) == '\r');
      line = end;
      if (empty) {
        break;
      }
    }
    return line - begin;
  }

  /** Behind the next line's end; 0: there is none. */
  private static int lineEnd(ByteBuf bytes, int from, int to) {
    return bytes.indexOf(from, to, (byte) '\n') + 1;
  }
}
