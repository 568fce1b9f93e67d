/** What the origins keep for those who deploy: lock, releases, events, keys and plans. */
@NullMarked
package com.mcpist.deploy.admin;

import org.jspecify.annotations.NullMarked;
