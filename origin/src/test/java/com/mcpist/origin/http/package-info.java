@NullMarked
package com.mcpist.origin.http;

import org.jspecify.annotations.NullMarked;
