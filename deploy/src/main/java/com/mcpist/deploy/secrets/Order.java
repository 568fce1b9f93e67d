package com.mcpist.deploy.secrets;

import java.time.Duration;

/**
 * How it is to be done.
 *
 * @param who asks
 * @param force also where nobody might serve for a while, and without the deployment lock
 * @param restart whether origins start again for their new values; else they only are stored
 * @param limit how long one program may take until it runs with a new value
 * @param lock how long to wait for somebody else's deployment
 */
public record Order(String who, boolean force, boolean restart, Duration limit, Duration lock) {}
