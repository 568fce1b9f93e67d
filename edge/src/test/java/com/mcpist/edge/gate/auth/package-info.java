@NullMarked
package com.mcpist.edge.gate.auth;

import org.jspecify.annotations.NullMarked;
