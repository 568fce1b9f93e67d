package com.mcpist.edge.listen;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Closes a connection whose request has more header lines than any client sends. Each line takes
 * memory beside its bytes, from before the head is whole. This handler stands before the decoder.
 * {@link Decoded} stands after the decoder and tells this handler where a body begins and ends. An
 * instance serves one connection and is used on its event loop.
 */
final class HeadLines extends ChannelInboundHandlerAdapter {
  private static final int MOST = 128;

  /**
   * The number of bytes that are passed at once of a body with no declared length. The number is
   * small because header lines may follow the body.
   */
  private static final int PIECE_BYTES = 1024;

  private int lines;
  private boolean lineIsEmpty = true;
  private boolean inBody;
  private boolean isContent;
  private boolean isMalformed;

  /**
   * The number of bytes of the body that are still to come; 0 if the body has no declared length.
   */
  private long bodyLeft;

  static void bound(ChannelPipeline pipeline) {
    HeadLines bound = new HeadLines();
    String decoder = pipeline.context(HttpRequestDecoder.class).name();
    pipeline.addBefore(decoder, null, bound).addAfter(decoder, null, bound.new Decoded());
  }

  private final class Decoded extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpRequest request) {
        inBody = true;
        boolean valid = request.decoderResult().isSuccess();
        bodyLeft = valid ? HttpUtil.getContentLength(request, 0L) : 0;
        if (request.headers().size() > MOST) {
          var _ = context.close();
        }
      }
      isContent |= message instanceof HttpContent;
      if (message instanceof LastHttpContent last) {
        inBody = false;
        lines = 0;
        lineIsEmpty = true;
        isMalformed = last.decoderResult().isFailure();
      }
      context.fireChannelRead(message);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      while (bytes.isReadable() && context.channel().isActive()) {
        pass(context, bytes);
        if (lines > MOST) {
          var _ = context.close();
        }
      }
    } finally {
      bytes.release();
    }
  }

  private void pass(ChannelHandlerContext context, ByteBuf bytes) {
    int begin = bytes.readerIndex();
    int length = bytes.readableBytes();
    // A malformed request is answered, and the bytes after it are ignored.
    if (isMalformed) {
      context.fireChannelRead(bytes.readRetainedSlice(length));
    } else if (!inBody) {
      int end = begin;
      while (end < begin + length && !endsHead(bytes.getByte(end++))) {}
      context.fireChannelRead(bytes.readRetainedSlice(end - begin));
    } else if (bodyLeft > 0) {
      int piece = (int) Math.min(bodyLeft, length);
      bodyLeft -= piece;
      context.fireChannelRead(bytes.readRetainedSlice(piece));
    } else {
      int piece = Math.min(PIECE_BYTES, length);
      isContent = false;
      context.fireChannelRead(bytes.readRetainedSlice(piece));
      // These bytes belong to the next head, or to lines after the body.
      if (!inBody || !isContent) {
        for (int i = begin; i < begin + piece; i++) {
          lines = endsHead(bytes.getByte(i)) ? 0 : lines;
        }
      }
    }
  }

  /** Counts lines. Returns true if this byte ends a line that is empty. */
  private boolean endsHead(byte next) {
    boolean ends = next == '\n' && lineIsEmpty;
    lines += next == '\n' ? 1 : 0;
    lineIsEmpty = next == '\n' || (lineIsEmpty && next == '\r');
    return ends;
  }
}
