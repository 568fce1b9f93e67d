@NullMarked
package com.mcpist.origin.mount.client;

import org.jspecify.annotations.NullMarked;
