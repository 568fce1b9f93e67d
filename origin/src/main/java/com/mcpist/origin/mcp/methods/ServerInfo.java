package com.mcpist.origin.mcp.methods;

/**
 * What clients are told of this server.
 *
 * @param name MCP's Implementation name
 * @param title for people
 * @param version the release
 * @param instructions for the client's model: how to use the tools
 */
public record ServerInfo(String name, String title, String version, String instructions) {}
