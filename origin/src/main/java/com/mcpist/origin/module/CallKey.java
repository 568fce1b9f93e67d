package com.mcpist.origin.module;

/**
 * What makes two attempts the same call.
 *
 * @param user the user the edge has authenticated, {@code local} where nobody is
 * @param id the client's Idempotency-Key, or else the call id minted by the edge
 * @param index the position in a batch, 0 outside one
 * @param fromClient whether {@code id} is the client's own
 */
public record CallKey(String user, String id, int index, boolean fromClient) {}
