@NullMarked
package com.mcpist.edge.auth;

import org.jspecify.annotations.NullMarked;
