@NullMarked
package com.mcpist.origin.auth;

import org.jspecify.annotations.NullMarked;
