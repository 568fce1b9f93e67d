package com.mcpist.deploy.http;

import java.net.http.HttpHeaders;
import tools.jackson.databind.JsonNode;

/**
 * What a vendor answered.
 *
 * @param body missing where there was none
 */
public record Answer(int status, HttpHeaders headers, JsonNode body) {}
